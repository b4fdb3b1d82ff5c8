/** Every service has a generator: the same seed gives the same bytes, and all that is in it comes in. */
import { describe, expect, test } from "vitest";
import { GENERATORS, telegramPieces, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const SIZE = { seed: 5, conversations: 8, messagesEach: 60, photoOnce: 20, photoBytes: 50 };
/** These have no files of their own. */
const WITHOUT_FILES = new Set(["discord-package", "tiktok", "slack"]);
const SERVICES: Readonly<Record<string, string>> = { "meta-e2ee": "messenger", "discord-package": "discord" };

describe.each(Object.entries(GENERATORS))("generated %s", (name, generate) => {
  test("is the same for the same seed, and another for another", () => {
    const [first, again, other] = [[...generate(SIZE)], [...generate(SIZE)], [...generate({ ...SIZE, seed: 6 })]];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  // This one needs a platform with SQLite, and is read where there is one: apps/cli.
  test.skipIf(name === "imessage")(
    "comes in whole: every message, every file, nothing to complain of; and again, nothing new",
    async () => {
      const files = [...generate(SIZE)];
      const sink = new MemorySink();
      const report = await importInto(sink, [await zipSource(`${name}-export.zip`, files)]);
      const { conversations, messagesEach } = SIZE;
      expect(report).toMatchObject({
        messages: { read: conversations * messagesEach, imported: conversations * messagesEach, skipped: 0, unparsed: 0 },
        conversations,
        services: [SERVICES[name] ?? name],
      });
      expect(report.problems.filter(({ code }) => code !== "secrets_removed")).toEqual([]);
      const photos = files.filter(({ content }) => content[0] === 0xff && content[1] === 0xd8).length;
      expect(report.media.imported).toBe(photos);
      expect(photos > 10).toBe(!WITHOUT_FILES.has(name));
      const again = await importInto(sink, [await zipSource(`${name}-again.zip`, files)]);
      expect(again.messages).toMatchObject({ imported: 0, duplicate: conversations * messagesEach });
    },
  );
});

test("Telegram's file in pieces is the file", () => {
  const [file] = GENERATORS["telegram"]?.(SIZE) ?? [];
  expect(Buffer.concat([...telegramPieces(SIZE)]).equals(file?.content ?? new Uint8Array())).toBe(true);
});
