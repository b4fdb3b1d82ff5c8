/** Snapchat's "My Data": conversations by key, times that are called microseconds and are not, files by id and by day. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const json = (path: string, value: unknown): GeneratedFile => ({ path, content: asBytes(value) });
const AT = Date.parse("2023-05-01T10:11:12.345Z");
const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 1);
const beside: readonly GeneratedFile[] = [
  json("json/account.json", { "Basic Information": { Username: "ada", Name: "Ada A", "Creation Date": "2015-01-01 00:00:00 UTC" } }),
  json("json/friends.json", { Friends: [{ Username: "bob", "Display Name": "Bob B" }], "Blocked Users": [] }),
];
const record = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  From: "bob",
  "Media Type": "TEXT",
  Created: "2023-05-01 10:11:12 UTC",
  Content: "hello",
  "Conversation Title": null,
  IsSender: false,
  "Created(microseconds)": AT,
  IsSaved: true,
  "Media IDs": "",
  ...more,
});

async function read(
  files: readonly GeneratedFile[],
): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  return { sink, report: await importInto(sink, [await zipSource("mydata~1.zip", [...beside, ...files])]) };
}

describe("Snapchat", () => {
  test("direct conversations and groups, names of friends, and whose export it is", async () => {
    const history = json("json/chat_history.json", {
      bob: [record(), record({ From: "ada", IsSender: true, "Created(microseconds)": AT + 1 })],
      "11111111-2222-3333-4444-555555555555": [record({ From: "cem", "Conversation Title": "Choir" })],
    });
    const { sink, report } = await read([history]);
    expect(report).toMatchObject({ messages: { read: 3, imported: 3 }, conversations: 2, people: 3, services: ["snapchat"], problems: [] });
    expect(sink.heads()).toEqual([
      ["11111111-2222-3333-4444-555555555555", "group", "Choir"],
      ["bob", "direct", "Bob B"],
    ]);
    const plan = await (await ArchiveImport.open([await zipSource("x.zip", [...beside, history])], ports, { zone: "UTC" })).plan();
    expect(plan.me).toEqual([{ service: "snapchat", key: "ada", name: "Ada A", isSure: true }]);
  });

  test("the time that is called microseconds is milliseconds, and without it there are seconds", async () => {
    const { sink } = await read([json("c.json", { bob: [record(), record({ Content: "old", "Created(microseconds)": undefined })] })]);
    expect(sink.records().map(({ at, time, text }) => [at, time.precision, text])).toEqual([
      [AT - 345, "s", "old"],
      [AT, "ms", "hello"],
    ]);
  });

  test("files by their ids, with what was drawn over them, in any part of the export", async () => {
    const sink = new MemorySink();
    const history = json("json/chat_history.json", {
      bob: [
        record({ "Media Type": "MEDIA", Content: null, "Media IDs": "b~AAA | b~BBB" }),
        record({ "Media Type": "NOTE", Content: null, "Media IDs": "b~CCC" }),
      ],
    });
    const report = await importInto(sink, [
      await zipSource("mydata~1.zip", [history, { path: "chat_media/2023-05-01_b~AAA-overlay.png", content: asBytes("RIFF....WEBP") }]),
      await zipSource("mydata~1-2.zip", [
        { path: "chat_media/2023-05-01_b~AAA-main.jpg", content: jpeg },
        { path: "chat_media/2023-05-01_b~CCC.mp4", content: asBytes("....ftypisom") },
      ]),
    ]);
    expect(report.media).toMatchObject({ read: 4, imported: 3, missing: 1 });
    const media = sink.records().flatMap((message) => message.media ?? []);
    expect(media.map(({ kind, state, type }) => [kind, state, type])).toEqual([
      ["photo", "stored", "image/jpeg"],
      ["photo", "stored", "image/webp"],
      ["file", "missing", undefined],
      ["voice", "stored", "video/mp4"],
    ]);
  });

  test("a file without an id belongs to the one message of its day that wants one; two would be a guess, and stay missing", async () => {
    const wants = (day: string, from: string): Record<string, unknown> =>
      record({ From: from, "Media Type": "MEDIA", Content: null, Created: `${day} 10:11:12 UTC`, "Created(microseconds)": undefined });
    const { sink, report } = await read([
      json("json/chat_history.json", { bob: [wants("2023-05-01", "bob"), wants("2023-05-02", "bob")], cem: [wants("2023-05-02", "cem")] }),
      { path: "chat_media/2023-05-01_media~X.jpg", content: jpeg },
      { path: "chat_media/2023-05-01_thumbnail~X.jpg", content: jpeg },
      { path: "chat_media/2023-05-02_media~Y.jpg", content: jpeg },
    ]);
    expect(report.media).toMatchObject({ read: 3, imported: 1, missing: 2 });
    expect(sink.records()[0]).toMatchObject({ doubt: "the file was found by its day", media: [{ state: "stored" }] });
  });

  test("lines about the conversation, calls, what was erased, and snaps of which only the time is kept", async () => {
    const { sink, report } = await read([
      json("json/chat_history.json", {
        bob: [
          record({ "Media Type": "STATUSCALLMISSEDAUDIO", Content: null }),
          record({ "Media Type": "STATUSERASEDMESSAGE", Content: null, "Created(microseconds)": AT + 1 }),
          record({ "Media Type": "STATUSPARTICIPANTREMOVED", Content: "bob left", "Created(microseconds)": AT + 2 }),
        ],
      }),
      json("json/snap_history.json", { bob: [record({ "Media Type": "IMAGE", Content: null, "Created(microseconds)": AT + 3 })] }),
    ]);
    expect(report).toMatchObject({ messages: { imported: 4 }, conversations: 1, media: { read: 1, missing: 1 } });
    expect(sink.records()).toMatchObject([
      { kind: "system", call: { isMissed: true } },
      { kind: "deleted" },
      { kind: "system", text: "bob left" },
      { kind: "text", media: [{ kind: "photo", state: "omitted" }] },
    ]);
  });

  test("the older form: received and sent apart, and HTML's escapes in the text", async () => {
    const { sink, report } = await read([
      json("json/chat_history.json", {
        "Received Saved Chat History": [
          { From: "bob", "Media Type": "TEXT", Created: "2020-05-01 10:11:12 UTC", Text: "it&#39;s &lt;3 &amp;lt;" },
        ],
        "Sent Saved Chat History": [{ To: "bob", "Media Type": "TEXT", Created: "2020-05-01 10:11:13 UTC", Text: "yes" }],
      }),
    ]);
    expect(report).toMatchObject({ messages: { imported: 2 }, conversations: 1, people: 2 });
    expect(sink.texts()).toEqual(["it's <3 &lt;", "yes"]);
    expect(new Set(sink.records().map(({ sender }) => sender)).size).toBe(2);
  });

  test("memories: files by the id in their link, places, and no link kept", async () => {
    const id = "0a1b2c3d-1111-2222-3333-444444444444";
    const { sink, report } = await read([
      json("json/memories_history.json", {
        "Saved Media": [
          {
            Date: "2021-03-04 05:06:07 UTC",
            "Media Type": "Image",
            Location: "Latitude, Longitude: 1.5, -2.5",
            "Download Link": `https://a.invalid/dl?mid=${id}&sig=secret`,
          },
          {
            Date: "2021-03-05 05:06:07 UTC",
            "Media Type": "Video",
            Location: "Latitude, Longitude: 0.0, 0.0",
            "Download Link": "https://a.invalid/dl?sig=secret",
          },
        ],
      }),
      { path: `memories/2021-03-04_${id}-main.jpg`, content: jpeg },
    ]);
    expect(report.media).toMatchObject({ read: 2, imported: 1, missing: 1 });
    expect(sink.records()).toMatchObject([
      { place: { latitude: 1.5, longitude: -2.5 }, media: [{ kind: "photo", state: "stored" }] },
      { media: [{ kind: "video", state: "remote", name: "https://a.invalid/dl" }] },
    ]);
    expect(sink.records()[1]?.place).toBeUndefined();
    expect(JSON.stringify([...sink.messages])).not.toContain("secret");
  });
});
