/** Google Chat's takeout: dates in prose of any language, names of files that were cut short, versions, topics. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, bytesSource, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const json = (path: string, value: unknown): GeneratedFile => ({ path, content: asBytes(value) });
const ADA = { name: "Ada A", email: "ada@example.invalid", user_type: "Human" };
const BOB = { name: "Bob B", email: "bob@example.invalid", user_type: "Human" };
const ROOT = "Takeout/Google Chat";
const DM = `${ROOT}/Groups/DM aBcDeF`;
const DATE = "Wednesday, January 4, 2023 at 10:59:50 AM UTC";
const AT = Date.UTC(2023, 0, 4, 10, 59, 50);

const message = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  creator: ADA,
  created_date: DATE,
  text: id,
  topic_id: "t",
  message_id: `aBcDeF/${id}/${id}`,
  ...more,
});
const group = (messages: readonly unknown[], folder = DM, info: unknown = { members: [ADA, BOB] }): GeneratedFile[] => [
  json(`${folder}/group_info.json`, info),
  json(`${folder}/messages.json`, { messages }),
];
const me = json(`${ROOT}/Users/User 123/user_info.json`, { user: BOB, membership_info: [{ group_id: "DM aBcDeF" }] });

async function read(
  files: readonly GeneratedFile[],
): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  return { sink, report: await importInto(sink, [await zipSource("takeout-20230101T000000Z-001.zip", files)]) };
}

describe("Google Chat", () => {
  test("direct conversations and spaces, their people, and whose takeout it is", async () => {
    const files = [
      me,
      ...group([message("a")]),
      ...group([message("b", { creator: BOB })], `${ROOT}/Groups/Space AAAA`, { name: "Choir", members: [ADA, BOB] }),
    ];
    const { sink, report } = await read(files);
    expect(report).toMatchObject({
      messages: { read: 2, imported: 2 },
      conversations: 2,
      people: 2,
      services: ["google-chat"],
      problems: [],
    });
    expect(sink.heads()).toEqual([
      ["AAAA", "group", "Choir"],
      ["aBcDeF", "direct", "Ada A"],
    ]);
    const plan = await (await ArchiveImport.open([await zipSource("x.zip", files)], ports, { zone: "UTC" })).plan();
    expect(plan.me).toEqual([{ service: "google-chat", key: "bob@example.invalid", name: "Bob B", isSure: true }]);
  });

  test.each([
    ["Wednesday, January 4, 2023 at 10:59:50\u202FAM UTC", AT],
    ["Wednesday, January 4, 2023 at 10:59:50 PM UTC", AT + 12 * 3_600_000],
    ["Tuesday, 7 February 2021 at 17:13:43 UTC", Date.UTC(2021, 1, 7, 17, 13, 43)],
    ["2026年5月29日星期五 UTC 03:00:29", Date.UTC(2026, 4, 29, 3, 0, 29)],
    ["2021년 2월 7일 일요일 오후 5시 13분 43초 UTC", Date.UTC(2021, 1, 7, 17, 13, 43)],
  ])("the date %s is prose, in UTC", async (created_date, at) => {
    const { sink } = await read(group([message("a", { created_date })]));
    expect(sink.records()[0]).toMatchObject({ at, time: { precision: "s", zone: "utc" } });
  });

  test("a date that is none costs the date, not the message", async () => {
    const { sink, report } = await read(group([message("a"), message("b", { created_date: "some day" })]));
    expect(report.problems).toMatchObject([{ code: "time_implausible", count: 1 }]);
    expect(sink.records()[1]).toMatchObject({ at: AT, time: { precision: "none" } });
  });

  test("files: exact names, names that were cut short, and names that lost characters", async () => {
    const long = `File-${"a".repeat(60)}.pdf`;
    const { sink, report } = await read([
      ...group([
        message("a", {
          attached_files: [
            { original_name: "photo.jpg", export_name: "File-photo.jpg" },
            { original_name: long.slice(5), export_name: long },
            { original_name: "what? & why.png", export_name: "File-what? & why.png" },
            { original_name: "gone.bin", export_name: "File-gone.bin" },
          ],
        }),
      ]),
      { path: `${DM}/File-photo.jpg`, content: Uint8Array.of(0xff, 0xd8, 0xff, 1) },
      { path: `${DM}/${long.slice(0, 46)}.pdf`, content: asBytes("%PDF-1") },
      { path: `${DM}/File-what_ _ why.png`, content: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10) },
    ]);
    expect(report.media).toMatchObject({ read: 4, imported: 3, missing: 1 });
    expect(sink.records()[0]?.media).toMatchObject([
      { state: "stored", kind: "photo", caption: "photo.jpg" },
      { state: "stored", type: "application/pdf" },
      { state: "stored", type: "image/png" },
      { state: "missing", kind: "file", name: "File-gone.bin" },
    ]);
  });

  test("a file that lies in another part of the takeout is found", async () => {
    const sink = new MemorySink();
    const report = await importInto(sink, [
      await zipSource(
        "takeout-001.zip",
        group([message("a", { attached_files: [{ original_name: "p.jpg", export_name: "File-p.jpg" }] })]),
      ),
      await zipSource("takeout-002.zip", [{ path: `${DM}/File-p.jpg`, content: Uint8Array.of(0xff, 0xd8, 0xff) }]),
    ]);
    expect(report.media).toMatchObject({ read: 1, imported: 1 });
  });

  test("answers in a topic, quotes, reactions, edits, what was deleted, and styles", async () => {
    const { sink } = await read(
      group([
        message("a", {
          text: "bold link",
          annotations: [
            { start_index: 0, length: 4, format_metadata: { format_type: "BOLD" } },
            {
              start_index: 5,
              length: 4,
              url_metadata: { title: "x", url: { private_do_not_access_or_else_safe_url_wrapped_value: "https://a.invalid/" } },
            },
            { start_index: 0, length: 0, drive_metadata: { id: "1", title: "Plan" } },
          ],
          reactions: [{ emoji: { unicode: "👍" }, reactor_emails: ["Bob@example.invalid", "cem@example.invalid"] }],
        }),
        message("b", { message_id: "aBcDeF/a/b", updated_date: "Wednesday, January 4, 2023 at 11:00:00 AM UTC" }),
        message("c", { quoted_message_metadata: { creator: ADA, text: "bold link" } }),
        {
          creator: BOB,
          message_id: "aBcDeF/d/d",
          topic_id: "d",
          message_state: "DELETED",
          deleted_date: DATE,
          created_date: DATE,
          deletion_metadata: { deletion_type: "CREATOR" },
        },
        {
          creator: BOB,
          message_id: "aBcDeF/e/e",
          text: "now",
          previous_message_versions: [{ created_date: DATE, text: "before" }],
          updated_date: "Wednesday, January 4, 2023 at 11:00:00 AM UTC",
        },
      ]),
    );
    const all = new Map(sink.records().map((record) => [record.nativeId, record]));
    const first = all.get("aBcDeF/a/a");
    expect(first).toMatchObject({
      spans: [
        { start: 0, length: 4, style: "bold" },
        { start: 5, length: 4, style: "text_link", href: "https://a.invalid/" },
      ],
      links: ["https://a.invalid/"],
      extra: { annotations: [{ drive_metadata: { title: "Plan" } }] },
    });
    expect(first?.reactions?.map(({ emoji, by }) => [emoji, by !== undefined])).toEqual([
      ["👍", true],
      ["👍", true],
    ]);
    expect(all.get("aBcDeF/a/b")).toMatchObject({ reply: { to: "aBcDeF/a/a" }, editedAt: AT + 10_000 });
    expect(all.get("aBcDeF/c/c")).toMatchObject({ reply: { text: "bold link", by: first?.sender } });
    expect(all.get("aBcDeF/d/d")).toMatchObject({ kind: "deleted", at: AT });
    expect(all.get("aBcDeF/e/e")).toMatchObject({ at: AT, text: "now", edits: [{ text: "before", at: AT }], editedAt: AT + 10_000 });
  });

  test("an account that was deleted is somebody of this conversation only", async () => {
    const { sink } = await read([
      ...group([message("a", { creator: { user_type: "Human" } })]),
      ...group([message("b", { creator: { user_type: "Human" } })], `${ROOT}/Groups/Space AAAA`, { name: "Choir", members: [] }),
    ]);
    expect(new Set(sink.records().map(({ sender }) => sender)).size).toBe(2);
  });

  test("known by its shape: a lone file with any name", async () => {
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource("something.json", asBytes({ messages: [message("a")] }))]);
    expect(report).toMatchObject({ messages: { imported: 1 }, services: ["google-chat"] });
  });
});
