/** Instagram's download as JSON: the quirks that make other importers lose or damage what is in it. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, bytesSource, type GeneratedFile, generateInstagram, mojibake, OWNER, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const FOLDER = "your_instagram_activity/messages/inbox/ada_123456";

function thread(messages: readonly unknown[], more: Record<string, unknown> = {}): Uint8Array {
  const participants = [{ name: "Ada" }, { name: "Bob" }];
  return asBytes({ participants, messages, title: "Ada", is_still_participant: true, thread_path: "inbox/ada_123456", ...more });
}

const at = (index: number): number => 1_600_000_000_000 + index * 60_000;

async function importThread(messages: readonly unknown[], files: readonly GeneratedFile[] = []): Promise<MemorySink> {
  const sink = new MemorySink();
  await importInto(sink, [
    await zipSource("instagram-ada.zip", [{ path: `${FOLDER}/message_1.json`, content: thread(messages) }, ...files]),
  ]);
  return sink;
}

describe("an Instagram download", () => {
  test("comes in whole: every message, every photo, and again nothing", async () => {
    const size = { seed: 3, conversations: 9, messagesEach: 120, photoOnce: 10, perFile: 50 };
    const source = await zipSource("instagram-ylva-2026.zip", generateInstagram(size));
    const sink = new MemorySink();
    const report = await importInto(sink, [source]);
    expect(report.messages).toEqual({ read: 1080, imported: 1080, duplicate: 0, skipped: 0, unparsed: 0 });
    expect(report.media.missing).toBe(0);
    expect(report.media.imported).toBe(report.media.read);
    expect(report).toMatchObject({ conversations: 9, services: ["instagram"], problems: [] });
    const again = await importInto(sink, [source]);
    expect(again.messages).toEqual({ read: 1080, imported: 0, duplicate: 1080, skipped: 0, unparsed: 0 });
    expect(again.media).toMatchObject({ imported: 0, duplicate: again.media.read });
    const plan = await (await ArchiveImport.open([source], ports, { zone: "UTC" })).plan();
    expect(plan.me).toMatchObject([{ name: OWNER, isSure: true }]);
  });

  test("in three parts is one export: a photo of one part belongs to a message of another", async () => {
    const files = [...generateInstagram({ seed: 4, conversations: 3, messagesEach: 60, photoOnce: 5, perFile: 25 })];
    const parts = await Promise.all(
      [0, 1, 2].map((part) =>
        zipSource(
          `part-${part}.zip`,
          files.filter((_, index) => index % 3 === part),
        ),
      ),
    );
    const report = await importInto(new MemorySink(), parts);
    expect(report.messages.imported).toBe(180);
    expect(report.media.missing).toBe(0);
    const without = await importInto(new MemorySink(), parts.slice(0, 2));
    expect(without.media.missing).toBeGreaterThan(0);
  });

  test("a newer export that overlaps adds only what is new", async () => {
    const messages = Array.from({ length: 30 }, (_, i) => ({
      sender_name: i % 2 === 0 ? "Ada" : "Bob",
      timestamp_ms: at(i),
      content: `message ${i}`,
    }));
    const older = await zipSource("older.zip", [{ path: `${FOLDER}/message_1.json`, content: thread(messages.slice(0, 20).toReversed()) }]);
    const newer = await zipSource("newer.zip", [{ path: `${FOLDER}/message_1.json`, content: thread(messages.slice(5).toReversed()) }]);
    const sink = new MemorySink();
    await importInto(sink, [older]);
    const report = await importInto(sink, [newer]);
    expect(report.messages).toMatchObject({ read: 25, imported: 10, duplicate: 15 });
    expect(sink.texts()).toEqual(messages.map(({ content }) => content));
    const both = await importInto(new MemorySink(), [older, newer]);
    expect(both.messages).toMatchObject({ read: 45, imported: 30, duplicate: 15 });
  });

  test("equal messages of one millisecond stay as many as they are", async () => {
    const same = { sender_name: "Ada", timestamp_ms: at(1), content: "ha" };
    const sink = await importThread([same, same, { ...same, sender_name: "Bob" }, same]);
    expect(sink.messages.size).toBe(4);
  });

  test("mojibake is repaired in every text, and what is none survives", async () => {
    const sink = await importThread([
      {
        sender_name: mojibake("Zoë"),
        timestamp_ms: at(3),
        content: mojibake("caffè ☕"),
        reactions: [{ reaction: mojibake("👍"), actor: mojibake("Zoë") }],
      },
      { sender_name: "Ada", timestamp_ms: at(2), content: `日本 ${mojibake("é")}` },
      { sender_name: "Ada", timestamp_ms: at(1), content: "\u00e9\u00ed\u00a0\u00bd half" },
    ]);
    expect(sink.texts()).toEqual(["\u00e9\u00ed\u00a0\u00bd half", "日本 é", "caffè ☕"]);
    const reacted = sink.records().at(-1);
    expect(reacted?.reactions?.[0]).toMatchObject({ emoji: "👍", by: reacted?.sender });
  });

  test("parts are read by number and sorted by time", async () => {
    const part = (number: number, first: number): GeneratedFile => ({
      path: `${FOLDER}/message_${number}.json`,
      content: thread([1, 0].map((i) => ({ sender_name: "Ada", timestamp_ms: at(first + i), content: `m${first + i}` }))),
    });
    const sink = new MemorySink();
    await importInto(sink, [await zipSource("x.zip", [part(1, 20), part(10, 2), part(2, 18), part(11, 0)])]);
    expect(sink.texts()).toEqual(["m0", "m1", "m2", "m3", "m18", "m19", "m20", "m21"]);
  });

  test("a line that repeats a reaction gives it its time, and stays if there is no such reaction", async () => {
    const sink = new MemorySink();
    const messages = [
      { sender_name: "Bob", timestamp_ms: at(3), content: mojibake("Reacted 🎉 to your message ") },
      { sender_name: "Bob", timestamp_ms: at(2), content: "Liked a message" },
      { sender_name: "Ada", timestamp_ms: at(1), content: "We won", reactions: [{ reaction: mojibake("❤"), actor: "Bob" }] },
    ];
    const report = await importInto(sink, [await zipSource("x.zip", [{ path: `${FOLDER}/message_1.json`, content: thread(messages) }])]);
    expect(report.messages).toEqual({ read: 3, imported: 2, duplicate: 0, skipped: 1, unparsed: 0 });
    expect(report.skipped).toEqual({ folded_into_reaction: 1 });
    expect(sink.records()[0]?.reactions).toMatchObject([{ emoji: "❤", at: at(2) }]);
  });

  test("a sentence that stands for an attachment is dropped beside it, and kept without it", async () => {
    const photo = { path: `${FOLDER}/photos/1.jpg`, content: Uint8Array.of(0xff, 0xd8, 0xff, 1) };
    const sink = await importThread(
      [
        {
          sender_name: "Ada",
          timestamp_ms: at(2),
          content: "Ada sent an attachment.",
          photos: [{ uri: photo.path, creation_timestamp: 1 }],
        },
        { sender_name: "Ada", timestamp_ms: at(1), content: "Ada sent an attachment." },
      ],
      [photo],
    );
    expect(sink.texts()).toEqual(["Ada sent an attachment.", ""]);
    expect(sink.records()[1]?.media).toMatchObject([{ state: "stored", type: "image/jpeg", bytes: 4 }]);
  });

  test("files that are missing, remote or elsewhere are told apart, and nothing is fetched", async () => {
    const bare = { path: `${FOLDER}/photos/bare.jpg`, content: Uint8Array.of(1, 2, 3) };
    const near = { path: `${FOLDER}/audio/voice.mp4`, content: Uint8Array.of(4, 5, 6) };
    const sink = await importThread(
      [
        { sender_name: "Ada", timestamp_ms: at(4), photos: [{ uri: "your_instagram_activity/messages/inbox/ada_123456/photos/gone.jpg" }] },
        { sender_name: "Ada", timestamp_ms: at(3), photos: [{ uri: "https://cdn.invalid/x.jpg" }] },
        { sender_name: "Ada", timestamp_ms: at(2), photos: [{ uri: "bare.jpg" }] },
        { sender_name: "Ada", timestamp_ms: at(1), audio_files: [{ uri: "messages/inbox/ada_123456/audio/voice.mp4" }] },
      ],
      [bare, near],
    );
    expect(sink.records().map(({ media }) => media?.[0]?.state)).toEqual(["stored", "stored", "remote", "missing"]);
  });

  test("the same photo under two names is kept once", async () => {
    const content = Uint8Array.of(0xff, 0xd8, 0xff, 9);
    const photos = ["a", "b"].map((name) => ({ path: `${FOLDER}/photos/${name}.jpg`, content }));
    const messages = photos.map(({ path }, index) => ({ sender_name: "Ada", timestamp_ms: at(index), photos: [{ uri: path }] }));
    const sink = await importThread(messages, photos);
    expect(sink.media.size).toBe(1);
  });

  test("a part with photos that comes later completes what is known", async () => {
    const photo = { path: `${FOLDER}/photos/late.jpg`, content: Uint8Array.of(0xff, 0xd8, 0xff, 7) };
    const messages = {
      path: `${FOLDER}/message_1.json`,
      content: thread([{ sender_name: "Ada", timestamp_ms: at(1), photos: [{ uri: photo.path }] }]),
    };
    const [first, second] = [await zipSource("1.zip", [messages]), await zipSource("2.zip", [photo])];
    const sink = new MemorySink();
    expect((await importInto(sink, [first])).media).toMatchObject({ read: 1, missing: 1 });
    expect((await importInto(sink, [first, second])).media).toMatchObject({ read: 1, imported: 1 });
    expect(sink.records()[0]?.media?.[0]?.state).toBe("stored");
  });

  test("unsent, missed and unknown things are kept as what they are", async () => {
    const sink = await importThread([
      { sender_name: "Ada", timestamp_ms: at(4), ip: "192.0.2.1", content: "hi", is_geoblocked_for_viewer: false },
      { sender_name: "Ada", timestamp_ms: at(3), content: "left over", is_unsent: true },
      { sender_name: "Ada", timestamp_ms: at(2), content: "You missed a call.", call_duration: 0, missed: true },
      { sender_name: "Ada", timestamp_ms: at(1) },
    ]);
    expect(sink.records()).toMatchObject([
      { kind: "unknown", text: "" },
      { kind: "system", call: { seconds: 0, isMissed: true } },
      { kind: "deleted" },
      { kind: "text", extra: { ip: "192.0.2.1" } },
    ]);
  });

  test("someone without an account is another one in each conversation", async () => {
    const file = (index: number): GeneratedFile => ({
      path: `messages/inbox/instagramuser_${10_000 + index}/message_1.json`,
      content: asBytes({
        participants: [{ name: "Instagram User" }, { name: "Bob" }],
        messages: [{ sender_name: "Instagram User", timestamp_ms: at(index), content: "x" }],
        thread_path: "",
      }),
    });
    const sink = new MemorySink();
    await importInto(sink, [await zipSource("instagram-x.zip", [file(1), file(2)])]);
    expect(new Set(sink.records().map(({ sender }) => sender)).size).toBe(2);
  });

  test("loose files without their folders come in as well", async () => {
    const sink = new MemorySink();
    const report = await importInto(sink, [
      bytesSource("message_1.json", thread([{ sender_name: "Ada", timestamp_ms: at(1), content: "hello" }])),
    ]);
    expect(report.messages.imported).toBe(1);
  });
});
