/** Messenger: the download and the export of encrypted conversations are two halves of one history. */
import { expect, test } from "vitest";
import { asBytes, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const root = "your_facebook_activity/messages";
const people = [{ name: "Bob" }, { name: "Ada" }];
const thread = (path: string, messages: readonly unknown[]): GeneratedFile => ({
  path: `${root}/${path}/message_1.json`,
  content: asBytes({ participants: people, messages, title: "Bob", is_still_participant: true, thread_path: path }),
});
const said = (at: number, content: string): unknown => ({ sender_name: "Bob", timestamp_ms: 1_600_000_000_000 + at, content });
const e2ee = (name: string, messages: readonly unknown[]): GeneratedFile => ({
  path: `messages/${name}.json`,
  content: asBytes({ participants: ["Ada", "Bob"], threadName: name, messages }),
});

test("the part before encryption and the part after it are one conversation, whichever comes first", async () => {
  const download = await zipSource("facebook-ada.zip", [
    thread("e2ee_cutover/bob_100001", [said(1, "before")]),
    thread("inbox/choir_100002", []),
  ]);
  const after = [
    {
      senderName: "Bob",
      text: "after é",
      timestamp: 1_700_000_000_000,
      type: "text",
      isUnsent: false,
      media: [],
      reactions: [{ actor: "Ada", reaction: "❤" }],
    },
  ];
  const encrypted = await zipSource("messages.zip", [e2ee("Bob_15", after)]);
  for (const order of [
    [download, encrypted],
    [encrypted, download],
  ]) {
    const sink = new MemorySink();
    for (const source of order) await importInto(sink, [source]);
    expect(sink.texts()).toEqual(["before", "after é"]);
    expect(new Set([...sink.messages.values()].map(({ log }) => log)).size).toBe(1);
  }
});

test("two people of one name are not joined", async () => {
  const sink = new MemorySink();
  await importInto(sink, [
    await zipSource("facebook-x.zip", [thread("inbox/bob_100001", [said(1, "one")]), thread("inbox/bob_100002", [said(2, "two")])]),
  ]);
  expect(new Set([...sink.messages.values()].map(({ log }) => log)).size).toBe(2);
});

test("sections that hold the same thread twice give its messages once", async () => {
  const messages = [said(1, "a"), said(1, "a"), said(2, "b")];
  const files = [thread("e2ee_cutover/bob_100001", messages), thread("e2ee_cutover/groups/your_group_messages/bob_100001", messages)];
  const report = await importInto(new MemorySink(), [await zipSource("facebook-x.zip", files)]);
  expect(report.messages).toMatchObject({ read: 6, imported: 3, duplicate: 3 });
});

test("encrypted conversations: media beside the folder, failed downloads, what was taken back, and other JSON that is none", async () => {
  const files = [
    e2ee("Bob_1", [
      {
        senderName: "Bob",
        text: "",
        timestamp: 1_700_000_000_000,
        type: "media",
        isUnsent: false,
        media: [{ uri: "./media/a.jpeg" }],
        reactions: [],
      },
      {
        senderName: "Bob",
        text: "",
        timestamp: 1_700_000_001_000,
        type: "media",
        isUnsent: false,
        media: [{ uri: "Failed to download media" }],
        reactions: [],
      },
      {
        senderName: "Bob",
        text: "User unsent a message",
        timestamp: 1_700_000_002_000,
        type: "placeholder",
        isUnsent: true,
        media: [],
        reactions: [],
      },
    ]),
    { path: "media/a.jpeg", content: Uint8Array.of(0xff, 0xd8, 0xff) },
    { path: "messages/autofill_information.json", content: asBytes({ autofill: { participants: [] } }) },
  ];
  const sink = new MemorySink();
  const report = await importInto(sink, [await zipSource("messages.zip", files)]);
  expect(report).toMatchObject({ messages: { read: 3, imported: 3 }, media: { read: 2, imported: 1, missing: 1 }, conversations: 1 });
  expect(sink.records().map(({ kind }) => kind)).toEqual(["text", "text", "deleted"]);
});
