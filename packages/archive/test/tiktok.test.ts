/** TikTok's direct messages, in the middle of everything else that it knows of a person; as JSON in three layouts and as text. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, bytesSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const AT = Date.parse("2021-03-04T05:06:07Z");
const chats = {
  "Chat History with bob:": [
    { Date: "2021-03-04 05:06:09", From: "ada", Content: "third" },
    { Date: "2021-03-04 05:06:08", From: "bob", Content: "look https://www.tiktokv.com/share/video/7/" },
    { Date: "2021-03-04 05:06:07", From: "ada", Content: "first" },
  ],
  "Chat History with zoë:": [{ Date: "2021-03-04 05:06:07", From: "ada", Content: "hi" }],
};
const profile = { "Profile Information": { ProfileMap: { userName: "ada", emailAddress: "secret@example.invalid" } } };
const activity = { "Video Browsing History": { VideoList: [{ Date: "2021-01-01 00:00:00", Link: "x" }] }, "Like List": {} };

async function read(value: unknown): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  return { sink, report: await importInto(sink, [bytesSource("user_data_tiktok.json", asBytes(value))]) };
}

describe("TikTok", () => {
  test.each([
    { Activity: activity, "Direct Messages": { "Chat History": { ChatHistory: chats } }, Profile: profile },
    { Activity: activity, "Direct Message": { "Direct Messages": { ChatHistory: chats } }, "Profile And Settings": profile },
    { "Direct Messages": { "Direct Messages": { ChatHistory: chats } } },
  ])("messages, people and times in UTC, whatever the layout (%#)", async (value) => {
    const { sink, report } = await read(value);
    expect(report).toMatchObject({ messages: { read: 4, imported: 4 }, conversations: 2, people: 3, services: ["tiktok"], problems: [] });
    expect(sink.heads()).toEqual([
      ["bob", "direct", "bob"],
      ["zoë", "direct", "zoë"],
    ]);
    expect(sink.records().map(({ at, time }) => [at - AT, time.precision, time.zone])).toEqual([
      [0, "s", "utc"],
      [0, "s", "utc"],
      [1000, "s", "utc"],
      [2000, "s", "utc"],
    ]);
    expect(sink.records()[2]?.links).toEqual(["https://www.tiktokv.com/share/video/7/"]);
    const plan = await (await ArchiveImport.open([bytesSource("u.json", asBytes(value))], ports, { zone: "UTC" })).plan();
    expect(plan.me).toMatchObject([{ service: "tiktok", key: "ada", isSure: true }]);
    expect(JSON.stringify([...sink.messages])).not.toContain("secret@example.invalid");
  });

  test("an export without messages is known and has none; damage costs its record; other parts of the file are not looked at", async () => {
    const none = await read({ Activity: activity, "Direct Messages": { "Chat History": { ChatHistory: {} } }, "App Settings": {} });
    expect(none.report).toMatchObject({ messages: { read: 0 }, problems: [] });
    const text = JSON.stringify({ Activity: { ...activity, Deep: "D" }, "Direct Messages": { "Chat History": { ChatHistory: chats } } })
      .replace('"D"', "[".repeat(100) + "]".repeat(100))
      .replace('"Content":"hi"', '"Content":hi');
    const { report } = await read(text);
    expect(report).toMatchObject({ messages: { read: 4, imported: 3, unparsed: 1 }, problems: [{ code: "json_damaged" }] });
  });

  test("as text: a header for each conversation, a line for each message, and lines that go on", async () => {
    const text = [
      ">>> Chat History with bob::",
      "",
      "2021-03-04 05:06:08 UTC bob: two",
      "lines: here",
      "2021-03-04 05:06:07 UTC ada: first",
      "",
      ">>> Chat History with zoë::",
      "",
      "2021-03-04 05:06:07 UTC ada: hi",
      "",
    ].join("\r\n");
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource("Direct Messages.txt", asBytes(text))]);
    expect(report).toMatchObject({ messages: { read: 3, imported: 3 }, conversations: 2, people: 3, services: ["tiktok"], problems: [] });
    expect(sink.texts().toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["first", "hi", "two\nlines: here"]);
  });

  test("what was imported as text is known as JSON", async () => {
    const sink = new MemorySink();
    await importInto(sink, [bytesSource("a.txt", asBytes(">>> Chat History with bob::\n\n2021-03-04 05:06:07 UTC ada: first\n"))]);
    const report = await importInto(sink, [
      bytesSource("b.json", asBytes({ "Direct Messages": { "Chat History": { ChatHistory: chats } } })),
    ]);
    expect(report.messages).toMatchObject({ read: 4, imported: 3, duplicate: 1 });
  });
});
