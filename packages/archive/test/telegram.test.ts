/** Telegram Desktop's result.json: one chat, a whole account, and the JSON that is none. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, bytesSource, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const message = (id: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  type: "message",
  date: "2020-03-01T12:00:00",
  date_unixtime: String(1_583_060_400 + id),
  from: "Ada",
  from_id: "user1",
  text: `message ${id}`,
  ...more,
});
const chat = (messages: readonly unknown[], more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: "Ada",
  type: "personal_chat",
  id: 77,
  messages,
  ...more,
});

async function read(json: unknown): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  const report = await importInto(sink, [bytesSource("result.json", asBytes(json))], "Europe/Berlin");
  return { sink, report };
}

describe("Telegram", () => {
  test("a chat: styles, replies, edits, forwards, reactions, calls, polls, places and what is not supported", async () => {
    const { sink, report } = await read(
      chat([
        message(1, {
          text: ["see ", { type: "text_link", text: "this", href: "https://example.invalid/" }, "!"],
          edited_unixtime: "1583060500",
        }),
        message(2, { reply_to_message_id: 1, forwarded_from: null }),
        message(3, {
          reactions: [{ type: "emoji", count: 3, emoji: "👍", recent: [{ from: "Bob", from_id: "user2", date: "2020-03-01T12:00:00" }] }],
        }),
        {
          ...message(4),
          type: "service",
          action: "phone_call",
          actor: "Ada",
          actor_id: "user1",
          duration_seconds: 12,
          discard_reason: "hangup",
          text: "",
        },
        message(5, {
          text: "",
          poll: { question: "When?", closed: false, total_voters: 1, answers: [{ text: "Now", voters: 1, chosen: true }] },
        }),
        message(6, { text: "", location_information: { latitude: 1.5, longitude: 2.5 } }),
        { id: 7, type: "unsupported" },
        message(8, { from: null, from_id: "user9", new_field: { a: 1 } }),
      ]),
    );
    expect(report).toMatchObject({ messages: { read: 8, imported: 8 }, problems: [] });
    const all = new Map(sink.records().map((record) => [record.nativeId, record]));
    expect(all.get("1")).toMatchObject({
      text: "see this!",
      spans: [{ start: 4, length: 4, style: "text_link", href: "https://example.invalid/" }],
      editedAt: 1_583_060_500_000,
    });
    expect(all.get("2")).toMatchObject({ reply: { to: "1" }, forwardedFrom: "" });
    expect(all.get("3")?.reactions).toMatchObject([
      { emoji: "👍", by: expect.any(String) as string },
      { emoji: "👍", count: 2 },
    ]);
    expect(all.get("4")).toMatchObject({ kind: "system", text: "phone call", call: { seconds: 12 } });
    expect(all.get("5")).toMatchObject({ kind: "poll", text: "When?", poll: { answers: [{ text: "Now", votes: 1 }] } });
    expect(all.get("6")).toMatchObject({ place: { latitude: 1.5, longitude: 2.5 } });
    expect(all.get("7")).toMatchObject({ kind: "unknown", time: { precision: "none" } });
    expect(all.get("8")).toMatchObject({ extra: { new_field: { a: 1 } } });
  });

  test("a whole account: every chat and left chat, and who one is", async () => {
    const account = {
      about: "x",
      personal_information: { user_id: 1, first_name: "Ada", last_name: "", phone_number: "+1", username: "@ada", bio: "" },
      contacts: { about: "", list: [] },
      chats: { about: "", list: [chat([message(1)]), chat([message(1), message(2)], { id: 78, type: "private_group", name: "Choir" })] },
      left_chats: { about: "", list: [chat([message(1)], { id: 79, name: null })] },
    };
    const { sink, report } = await read(account);
    expect(report).toMatchObject({ messages: { imported: 4 }, conversations: 3 });
    expect([...sink.conversations.values()].map(({ title, kind }) => [title, kind])).toEqual([
      ["Ada", "direct"],
      ["Choir", "group"],
      ["Deleted Account", "direct"],
    ]);
    const plan = await (await ArchiveImport.open([bytesSource("result.json", asBytes(account))], ports, { zone: "UTC" })).plan();
    expect(plan.me).toEqual([{ service: "telegram", key: "user1", name: "Ada", isSure: true }]);
  });

  test("JSON that is none: \\xNN, an id without quotes, control characters, and an escaped backslash before an x", async () => {
    const text = JSON.stringify(
      chat([message(1, { text: "A" }), message(2, { text: "B" }), message(3, { text: "C" }), message(4, { text: String.raw`\x41` })]),
      null,
      1,
    )
      .replace('"text": "A"', String.raw`"text": "a\x01b"`)
      .replace('"text": "B"', '"text": ["x", {\n"type": "custom_emoji",\n"text": "y",\n"document_id": video_files/sticker (2).webm\n}]')
      .replace('"text": "C"', '"text": "c\u0002d"');
    const { sink, report } = await read(text);
    expect(report).toMatchObject({ messages: { read: 4, imported: 4, unparsed: 0 }, problems: [] });
    expect(sink.texts()).toEqual(["a\u0001b", "xy", "c\u0002d", String.raw`\x41`]);
  });

  test("without unix times the clock of the exporter is read in the assumed zone", async () => {
    const { sink } = await read(chat([message(1, { date_unixtime: undefined })]));
    expect(sink.records()[0]).toMatchObject({ at: Date.parse("2020-03-01T11:00:00Z"), time: { precision: "s", zone: "assumed" } });
  });

  test("media: here, not exported on purpose, and not to be had", async () => {
    const json = chat([
      message(1, { photo: "photos/photo_1.jpg", width: 3, height: 4 }),
      message(2, {
        file: "(File not included. Change data exporting settings to download.)",
        file_name: "big.mp4",
        media_type: "video_file",
      }),
      message(3, { file: "(File unavailable, please try again later)", media_type: "voice_message" }),
    ]);
    const source = await zipSource("telegram.zip", [
      { path: "ChatExport_2020/result.json", content: asBytes(json) },
      { path: "ChatExport_2020/photos/photo_1.jpg", content: Uint8Array.of(0xff, 0xd8, 0xff) },
    ]);
    const sink = new MemorySink();
    const report = await importInto(sink, [source]);
    expect(report.media).toEqual({ read: 3, imported: 1, duplicate: 0, missing: 2, skipped: 0 });
    expect(sink.records().map(({ media }) => [media?.[0]?.kind, media?.[0]?.state, media?.[0]?.name])).toEqual([
      ["photo", "stored", "photos/photo_1.jpg"],
      ["video", "omitted", "big.mp4"],
      ["voice", "missing", "(File unavailable, please try again later)"],
    ]);
  });

  test("a file that was cut off gives what is whole", async () => {
    const text = JSON.stringify(chat([message(1), message(2), message(3)]));
    const { report } = await read(text.slice(0, text.indexOf("message 3")));
    expect(report).toMatchObject({ messages: { read: 3, imported: 2, unparsed: 1 }, problems: [{ code: "json_truncated", count: 1 }] });
  });
});
