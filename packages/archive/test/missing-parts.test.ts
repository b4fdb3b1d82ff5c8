/** "Part 3 seems to be missing": by the numbers of ZIPs and of files in them, and by files that messages name. */
import { describe, expect, test } from "vitest";
import { ArchiveImport, type ImportPlan, type Source } from "@sotto/archive";
import { asBytes, bytesSource, generateInstagram, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { findMissingParts } from "../src/engine/missing-parts.ts";
import { ports } from "./support/memory-sink.ts";

const zips = (...names: readonly string[]): readonly string[] => findMissingParts(names, []).map(({ name, part }) => `${part} of ${name}`);
const planOf = async (sources: readonly Source[]): Promise<ImportPlan> =>
  (await ArchiveImport.open(sources, ports, { zone: "UTC" })).plan();

describe("parts that seem to be missing", () => {
  test("of Instagram, Facebook and what people call them", () => {
    expect(zips("instagram-ada-2026-05-01-xY-1.zip", "instagram-ada-2026-05-01-xY-2.zip", "instagram-ada-2026-05-01-xY-4.zip")).toEqual([
      "3 of instagram-ada-2026-05-01-xY-#.zip",
    ]);
    expect(zips("facebook-ada part1.zip", "facebook-ada part3.zip")).toEqual(["2 of facebook-ada part #.zip"]);
    expect(zips("export_1_of_3.zip", "export_2_of_3.zip")).toEqual(["3 of export #.zip"]);
    expect(zips("facebook-ada-2.zip", "facebook-ada-3.zip")).toEqual(["1 of facebook-ada-#.zip"]);
  });

  test("of a Google takeout, and of Snapchat, whose first part has no number", () => {
    expect(zips("takeout-20230101T000000Z-001.zip", "takeout-20230101T000000Z-003.zip")).toEqual(["2 of takeout-20230101T000000Z-#.zip"]);
    expect(zips("takeout-20230101T000000Z-1-002.zip")).toEqual(["1 of takeout-20230101T000000Z-1-#.zip"]);
    expect(zips("mydata~1690000000-2.zip", "mydata~1690000000-3.zip")).toEqual(["1 of mydata~1690000000-#.zip"]);
    expect(zips("mydata~1690000000.zip", "mydata~1690000000-2.zip")).toEqual([]);
  });

  test("a date, a lone number and two exports of many are no parts", () => {
    expect(zips("instagram-ada-2026-05-01.zip")).toEqual([]);
    expect(zips("instagram-ada-2026-05-01.zip", "instagram-ada-2026-05-03.zip")).toEqual([]);
    expect(zips("holiday 7.zip")).toEqual([]);
    expect(zips("chat-3.zip", "chat-12.zip")).toEqual([]);
    expect(zips("a-1.zip", "a-2.zip", "b.zip")).toEqual([]);
  });

  test("files of one conversation: Meta's, Telegram's pages, DiscordChatExporter's partitions", () => {
    const files = (...paths: readonly string[]): readonly string[] =>
      findMissingParts([], paths).map(({ name, part }) => `${part} of ${name}`);
    expect(files("inbox/ada_1/message_1.json", "inbox/ada_1/message_3.json", "inbox/bob_2/message_1.json")).toEqual([
      "2 of inbox/ada_1/message_#.json",
    ]);
    expect(files("Chat/messages2.html", "Chat/messages4.html")).toEqual(["1 of Chat/messages#.html", "3 of Chat/messages#.html"]);
    expect(files("g.json", "g [part 3].json")).toEqual(["2 of g [part #].json"]);
    expect(files("g [part 2].json")).toEqual(["1 of g [part #].json"]);
    expect(files("message_1.json", "messages.html", "result.json")).toEqual([]);
  });

  test("the plan of an export in three parts, of which the second was not handed in", async () => {
    const all = [...generateInstagram({ seed: 2, conversations: 6, messagesEach: 100, photoOnce: 10, perFile: 40 })];
    const part = (number: number): GeneratedFile[] => all.filter((_, index) => index % 3 === number - 1);
    const sources = await Promise.all([1, 3].map((number) => zipSource(`instagram-ada-part-${number}.zip`, part(number))));
    const plan = await planOf(sources);
    expect(plan.missingParts).toContainEqual({ name: "instagram-ada part #.zip", part: 2 });
    const [files] = plan.missingFiles;
    expect(files).toMatchObject({ service: "instagram", omitted: 0, remote: 0 });
    expect(files?.absent).toBeGreaterThan(0);
    const whole = await planOf(await Promise.all([1, 2, 3].map((number) => zipSource(`instagram-ada-part-${number}.zip`, part(number)))));
    expect([whole.missingParts, whole.missingFiles]).toEqual([[], []]);
  });

  test("WhatsApp's media: not exported, and exported but not there; Telegram's: too large for the export", async () => {
    const chat = asBytes(
      "23.10.18, 14:05 - Ada: <Medien ausgeschlossen>\n23.10.18, 14:06 - Ada: IMG-20181023-WA0001.jpg (Datei angehängt)\n",
    );
    const telegram = {
      name: "Ada",
      type: "personal_chat",
      id: 1,
      messages: [
        {
          id: 1,
          type: "message",
          date_unixtime: "1583060400",
          from: "Ada",
          from_id: "user1",
          text: "",
          file: "(File exceeds maximum size. Change data exporting settings to download.)",
        },
      ],
    };
    const plan = await planOf([bytesSource("WhatsApp Chat mit Ada.txt", chat), bytesSource("result.json", asBytes(telegram))]);
    expect(plan.missingFiles).toEqual([
      { service: "whatsapp", named: 2, absent: 1, omitted: 1, remote: 0 },
      { service: "telegram", named: 1, absent: 0, omitted: 1, remote: 0 },
    ]);
  });
});
