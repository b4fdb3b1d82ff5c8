/** Signal's plaintext export: people, quotes, edits, files by their hash; and no key comes along. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { asBytes, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const photo = Uint8Array.of(0xff, 0xd8, 0xff, 5);
const plaintextHash = createHash("sha256").update(photo).digest("base64");
const SECRET = "c2VjcmV0IGtleSB0aGF0IG11c3Qgbm90IGxlYXZl";

const frames: readonly unknown[] = [
  { version: "1", backupTimeMs: "1700000000000", mediaRootBackupKey: SECRET, currentAppVersion: "8.21" },
  { account: { profileKey: SECRET, givenName: "Ada", familyName: "A", svrPin: SECRET } },
  { recipient: { id: "1", self: {} } },
  {
    recipient: {
      id: "2",
      contact: { aci: "YWNpLWJvYg==", profileKey: SECRET, identityKey: SECRET, profileGivenName: "Bob", profileFamilyName: "B" },
    },
  },
  { recipient: { id: "3", group: { masterKey: SECRET, snapshot: { title: { title: "Choir" } } } } },
  { chat: { id: "1", recipientId: "2" } },
  { chat: { id: "2", recipientId: "3" } },
  {
    chatItem: {
      chatId: "1",
      authorId: "2",
      dateSent: "1600000000000",
      incoming: { dateReceived: "1600000000100" },
      standardMessage: {
        text: { body: "look here", bodyRanges: [{ start: 0, length: 4, style: "BOLD" }] },
        attachments: [
          {
            pointer: {
              contentType: "image/jpeg",
              fileName: "a.jpg",
              width: 2,
              height: 3,
              locatorInfo: { key: SECRET, plaintextHash, localKey: SECRET },
            },
          },
          { pointer: { contentType: "audio/aac", locatorInfo: { key: SECRET, plaintextHash: "bm90IGhlcmU=" } }, flag: "VOICE_MESSAGE" },
        ],
        reactions: [{ emoji: "🎉", authorId: "1", sentTimestamp: "1600000001000" }],
      },
    },
  },
  {
    chatItem: {
      chatId: "2",
      authorId: "1",
      dateSent: "1600000002000",
      outgoing: {},
      standardMessage: {
        text: { body: "changed" },
        quote: { authorId: "2", targetSentTimestamp: "1600000000000", text: { body: "look here" } },
      },
      revisions: [{ chatId: "2", authorId: "1", dateSent: "1600000001500", standardMessage: { text: { body: "first" } } }],
    },
  },
  { chatItem: { chatId: "1", authorId: "2", dateSent: "1600000003000", remoteDeletedMessage: {} } },
  {
    chatItem: {
      chatId: "1",
      authorId: "2",
      dateSent: "1600000004000",
      updateMessage: { individualCall: { type: "AUDIO_CALL", state: "MISSED" } },
    },
  },
  { chatItem: { chatId: "9", authorId: "2", dateSent: "1600000005000", standardMessage: { text: { body: "chat unknown" } } } },
];

test("frames become messages of their chats, and keys stay where they are", async () => {
  const source = await zipSource("signal-export.zip", [
    {
      path: "signal-export-2026/signal-backup-1/main.jsonl",
      content: asBytes(`${frames.map((frame) => JSON.stringify(frame)).join("\n")}\n{"cut`),
    },
    { path: "signal-export-2026/files/ab/abcdef", content: photo },
  ]);
  const sink = new MemorySink();
  const report = await importInto(sink, [source]);
  expect(report).toMatchObject({
    messages: { read: 6, imported: 4, unparsed: 2 },
    media: { read: 2, imported: 1, missing: 1 },
    services: ["signal"],
    problems: [{ code: "secrets_removed" }, { code: "record_invalid", count: 1 }, { code: "json_damaged", count: 1 }],
  });
  const [first, second, third, fourth] = sink.records();
  expect(first).toMatchObject({
    text: "look here",
    spans: [{ start: 0, length: 4, style: "bold" }],
    media: [
      { state: "stored", kind: "photo", name: "a.jpg" },
      { state: "missing", kind: "voice" },
    ],
    reactions: [{ emoji: "🎉", at: 1_600_000_001_000 }],
  });
  expect(second).toMatchObject({
    text: "changed",
    edits: [{ text: "first", at: 1_600_000_001_500 }],
    reply: { to: first?.nativeId, by: first?.sender },
  });
  expect(third?.kind).toBe("deleted");
  expect(fourth).toMatchObject({ kind: "system", text: "missed call", call: { isMissed: true } });
  expect([...sink.conversations.values()].map(({ title, kind }) => [title, kind])).toEqual([
    ["Bob B", "direct"],
    ["Choir", "group"],
  ]);
  expect(JSON.stringify([...sink.messages, ...sink.conversations])).not.toContain(SECRET);
});
