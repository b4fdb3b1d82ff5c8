/** Apple's Messages: a database that belongs to another program, may be in use, and may have been made to do harm. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ArchiveImport, isBalanced, type LossReport, type Source } from "@sotto/archive";
import { appleNanoseconds, bytesSource, GENERATORS, IMESSAGE_SCHEMA, typedStream, zipSource } from "@sotto/archive/testing";
import { Client } from "@sotto/client";
import { nodePorts, openMediaFiles, openStore } from "@sotto/client/node";
import type { ArchiveMessage } from "@sotto/protocol";
import { nodeArchivePorts, openSources } from "../src/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-imessage-"));
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.close();
  rmSync(folder, { recursive: true, force: true });
});

type Result = {
  readonly report: LossReport;
  readonly messages: readonly ArchiveMessage[];
  readonly titles: readonly string[];
  readonly client: Client;
};

async function bring(sources: readonly Source[]): Promise<Result> {
  const name = `profile-${clients.length}`;
  const store = openStore(join(folder, name, "profile.db"), { key: new Uint8Array(32).fill(3) });
  const client = await Client.open(await nodePorts(store, "http://127.0.0.1:1"));
  clients.push(client);
  const files = { files: openMediaFiles(join(folder, name, "media")), createSha256: nodeArchivePorts.createSha256 };
  const work = await ArchiveImport.open(sources, nodeArchivePorts, { zone: "UTC" });
  const report = await work.run(client.archive.sink(files));
  expect(isBalanced(report)).toBe(true);
  const conversations = await client.archive.conversations();
  const pages = await Promise.all(conversations.map(({ log }) => client.archive.messages(log, { limit: 10_000 })));
  const messages = pages.flatMap((page) => page.messages).toSorted((a, b) => a.at - b.at);
  return { report, messages, titles: conversations.map(({ title }) => title).toSorted((a, b) => (a < b ? -1 : 1)), client };
}

const AT = Date.parse("2023-05-01T10:11:12Z");

/** A database that `fill` has filled; its bytes. */
function database(fill: (database: DatabaseSync) => void): Uint8Array {
  const made = new DatabaseSync(":memory:");
  made.exec(IMESSAGE_SCHEMA);
  made.exec(`INSERT INTO handle VALUES (1, '+491', 'iMessage', NULL), (2, 'Bob@example.invalid', 'iMessage', 'P2'), (3, '+492', 'SMS', 'P2');
    INSERT INTO chat VALUES (1, 'iMessage;-;+491', 45, '+491', NULL), (2, 'iMessage;+;chat77', 43, 'chat77', 'Choir'), (3, 'SMS;-;+492', 45, '+492', NULL),
      (4, 'iMessage;-;Bob@example.invalid', 45, 'Bob@example.invalid', NULL);
    INSERT INTO chat_handle_join VALUES (1, 1), (2, 1), (2, 2), (3, 3), (4, 2);`);
  fill(made);
  const bytes = made.serialize();
  made.close();
  return bytes;
}

function add(made: DatabaseSync, chat: number, values: Record<string, string | number | bigint | Uint8Array | null>): void {
  const all: Record<string, string | number | bigint | Uint8Array | null> = {
    date: appleNanoseconds(AT),
    is_from_me: 0,
    handle_id: 1,
    ...values,
  };
  const names = Object.keys(all);
  const { lastInsertRowid } = made
    .prepare(`INSERT INTO message (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
    .run(...Object.values(all));
  made.prepare("INSERT INTO chat_message_join VALUES (?, ?)").run(chat, lastInsertRowid);
}

describe("Messages of Apple", () => {
  test("all that a generated one holds comes in, and nothing is left of the copy", async () => {
    const size = { seed: 5, conversations: 8, messagesEach: 60, photoOnce: 20, photoBytes: 50 };
    const files = [...(GENERATORS["imessage"]?.(size) ?? [])];
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("sotto-import-"));
    const { report } = await bring([await zipSource("Messages.zip", files)]);
    const { imported, skipped, unparsed } = report.messages;
    expect([imported, unparsed, report.skipped]).toEqual([480, 0, { folded_into_reaction: skipped }]);
    expect(skipped).toBeGreaterThan(10);
    expect(report).toMatchObject({
      media: { imported: files.length - 1, missing: 0 },
      conversations: 8,
      services: ["imessage"],
      problems: [],
    });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("sotto-import-"))).toEqual(before);
  });

  test("text in a column, in a typed stream of any length, and with marks of what is attached", async () => {
    const long = "ü".repeat(40_000);
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "plain" });
      add(made, 1, { guid: "b", attributedBody: typedStream("stream é"), date: appleNanoseconds(AT + 1) });
      add(made, 1, { guid: "c", attributedBody: typedStream("x".repeat(200)), date: appleNanoseconds(AT + 2) });
      add(made, 1, { guid: "d", attributedBody: typedStream(long), date: appleNanoseconds(AT + 3) });
      add(made, 1, { guid: "e", text: "\uFFFClook", date: appleNanoseconds(AT + 4) });
      add(made, 1, { guid: "f", attributedBody: Uint8Array.of(1, 2, 3), date: appleNanoseconds(AT + 5) });
    });
    const { messages } = await bring([bytesSource("chat.db", bytes)]);
    expect(messages.map(({ text }) => text)).toEqual(["plain", "stream é", "x".repeat(200), long, "look", ""]);
  });

  test("times in nanoseconds, and in seconds as older systems wrote them", async () => {
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "new" });
      add(made, 1, { guid: "b", text: "old", date: (AT - Date.UTC(2001, 0, 1)) / 1000 - 86_400 });
    });
    const { messages } = await bring([bytesSource("chat.db", bytes)]);
    expect(messages.map(({ at, time, text }) => [at, time.precision, text])).toEqual([
      [AT - 86_400_000, "s", "old"],
      [AT, "ms", "new"],
    ]);
  });

  test("several handles of one person are one, and so are their conversations", async () => {
    const bytes = database((made) => {
      add(made, 3, { guid: "a", text: "by SMS", handle_id: 3, service: "SMS" });
      add(made, 4, { guid: "b", text: "by iMessage", handle_id: 2, service: "iMessage" });
      add(made, 2, { guid: "c", text: "in the group", handle_id: 2 });
      add(made, 1, { guid: "d", text: "mine", is_from_me: 1, handle_id: 0 });
    });
    const { report, titles, messages } = await bring([bytesSource("chat.db", bytes)]);
    expect([report.conversations, report.people]).toEqual([3, 3]);
    expect(titles).toEqual(["+491", "Bob@example.invalid", "Choir"]);
    expect(messages.find(({ nativeId }) => nativeId === "a")?.extra).toEqual({ service: "SMS" });
  });

  test("tapbacks are reactions, unless they were taken back or their message is not there", async () => {
    const tap = (guid: string, type: number, target: string): Record<string, string | number> => ({
      guid,
      associated_message_guid: target,
      associated_message_type: type,
    });
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "hello" });
      add(made, 1, { ...tap("t1", 2001, "p:0/a"), is_from_me: 1 });
      add(made, 1, tap("t2", 2000, "bp:a"));
      add(made, 1, tap("t3", 3000, "p:0/a"));
      add(made, 1, { ...tap("t4", 2006, "p:0/a"), associated_message_emoji: "🎉" });
      add(made, 1, tap("t5", 2003, "p:0/elsewhere"));
    });
    const { report, messages } = await bring([bytesSource("chat.db", bytes)]);
    expect(report.messages).toMatchObject({ read: 6, imported: 2, skipped: 4 });
    expect(messages[0]?.reactions?.map(({ emoji }) => emoji)).toEqual(["👍", "🎉"]);
    expect(messages[1]).toMatchObject({ kind: "system", text: "😂" });
  });

  test("answers, lines about a group, what was unsent, apps, links", async () => {
    const bytes = database((made) => {
      add(made, 2, { guid: "a", text: "reply", thread_originator_guid: "x" });
      add(made, 2, { guid: "b", item_type: 2, group_title: "New name", date: appleNanoseconds(AT + 1) });
      add(made, 2, { guid: "c", item_type: 1, group_action_type: 0, date: appleNanoseconds(AT + 2) });
      add(made, 2, { guid: "d", date_retracted: appleNanoseconds(AT + 9), date: appleNanoseconds(AT + 3) });
      add(made, 2, { guid: "e", balloon_bundle_id: "com.example.game", text: "\uFFFD", date: appleNanoseconds(AT + 4) });
      add(made, 2, {
        guid: "f",
        balloon_bundle_id: "com.apple.messages.URLBalloonProvider",
        text: "https://a.invalid/",
        date: appleNanoseconds(AT + 5),
      });
    });
    const { messages } = await bring([bytesSource("chat.db", bytes)]);
    expect(messages).toMatchObject([
      { text: "reply", reply: { to: "x" } },
      { kind: "system", text: "name changed: New name" },
      { kind: "system", text: "participant added" },
      { kind: "deleted" },
      { kind: "unknown", extra: { app: "com.example.game" } },
      { kind: "text", links: ["https://a.invalid/"] },
    ]);
  });

  test("earlier wordings of what was changed, and the mark of what was unsent", async () => {
    const changed =
      "YnBsaXN0MDDSAQIDDlJlY1NvdHLRBAVRMKIGC9IHCAkKUWRRdCNBxP/j4AAAAE8QVgQLc3RyZWFtdHlwZWSB6AOEAUCEhIQSTlNBdHRyaWJ1dGVkU3RyaW5nAISECE5TT2JqZWN0AIWShISECE5TU3RyaW5nAZSEASsFZnJpc3SGhAJpSQEB0gcIDA0jQcT/4+4AAABPEFYEC3N0cmVhbXR5cGVkgegDhAFAhISEEk5TQXR0cmlidXRlZFN0cmluZwCEhAhOU09iamVjdACFkoSEhAhOU1N0cmluZwGUhAErBWZpcnN0hoQCaUkBAdEED9IQERITUmxlUmxvEAUQAAAIAA0AEAAUABcAGQAcACEAIwAlAC4AhwCMAJUA7gDxAPYA+QD8AP4AAAAAAAACAQAAAAAAAAAUAAAAAAAAAAAAAAAAAAABAA==";
    const unsent = "YnBsaXN0MDDSAQIDBVJycFN1c3ShBBAACQgNEBQWGAAAAAAAAAEBAAAAAAAAAAYAAAAAAAAAAAAAAAAAAAAZ";
    const summary = (base64: string): Record<string, Uint8Array> => ({
      message_summary_info: new Uint8Array(Buffer.from(base64, "base64")),
    });
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "first", date_edited: appleNanoseconds(AT + 60_000), ...summary(changed) });
      add(made, 1, { guid: "b", date: appleNanoseconds(AT + 1), ...summary(unsent) });
    });
    const { messages } = await bring([bytesSource("chat.db", bytes)]);
    expect(messages).toMatchObject([
      { text: "first", editedAt: AT + 60_000, edits: [{ text: "frist", at: Date.UTC(2001, 0, 1) + 704_628_672_000 }] },
      { kind: "deleted" },
    ]);
  });

  test("files that are there, and files that are not", async () => {
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "\uFFFC\uFFFC" });
      made.exec(`INSERT INTO attachment VALUES (1, 'g1', '~/Library/Messages/Attachments/aa/1/p.jpg', 'image/jpeg', 'p.jpg'),
        (2, 'g2', '/var/mobile/Library/SMS/Attachments/bb/2/gone.mov', 'video/quicktime', 'gone.mov');
        INSERT INTO message_attachment_join VALUES (1, 1), (1, 2)`);
    });
    const photo = bytesSource("Messages/Attachments/aa/1/p.jpg", Uint8Array.of(0xff, 0xd8, 0xff, 1));
    const { report, messages } = await bring([bytesSource("Messages/chat.db", bytes), photo]);
    expect(report.media).toMatchObject({ read: 2, imported: 1, missing: 1 });
    expect(messages[0]?.media?.map(({ kind, state }) => [kind, state])).toEqual([
      ["photo", "stored"],
      ["video", "missing"],
    ]);
  });

  test("what is only in the write-ahead log of a running program comes in, and its files are not touched", async () => {
    const path = join(folder, "chat.db");
    writeFileSync(
      path,
      database((made) => add(made, 1, { guid: "a", text: "written" })),
    );
    const running = new DatabaseSync(path);
    running.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
    add(running, 1, { guid: "b", text: "in the log", date: appleNanoseconds(AT + 1) });
    const before = readFileSync(path);
    const { sources, close } = await openSources([path, `${path}-wal`]);
    const { messages } = await bring(sources);
    await close();
    running.close();
    expect(messages.map(({ text }) => text)).toEqual(["written", "in the log"]);
    expect(before.length).toBeGreaterThan(0);
    expect(readdirSync(folder).filter((name) => name.startsWith("chat.db"))).toEqual(["chat.db"]);
  });
});

describe("hostile databases", () => {
  const problems = async (bytes: Uint8Array): Promise<Result & { readonly codes: readonly string[] }> => {
    const result = await bring([bytesSource("chat.db", bytes)]);
    return { ...result, codes: result.report.problems.map(({ code }) => code) };
  };
  const raw = (sql: string): Uint8Array => {
    const made = new DatabaseSync(":memory:");
    made.exec(sql);
    const bytes = made.serialize();
    made.close();
    return bytes;
  };

  test("a view, a virtual table or a computed column in place of the messages is not run", async () => {
    const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS guid FROM c";
    for (const sql of [
      `CREATE VIEW message AS ${endless}`,
      "CREATE VIRTUAL TABLE message USING fts5(guid)",
      "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT AS (hex(zeroblob(100000000))))",
      "CREATE TABLE message (rowid TEXT, guid TEXT)",
    ]) {
      expect((await problems(raw(sql))).codes).toEqual(["format_unknown"]);
    }
  });

  test("a row with a value over the limit costs itself", async () => {
    const bytes = database((made) => {
      add(made, 1, { guid: "a", text: "first" });
      add(made, 1, { guid: "b", attributedBody: new Uint8Array(9 * 1024 * 1024) });
      add(made, 1, { guid: "c", text: "last" });
    });
    const { codes, report, messages } = await problems(bytes);
    expect(codes).toEqual(["database_damaged"]);
    expect(report.messages).toMatchObject({ read: 3, imported: 2, unparsed: 1 });
    expect(messages.map(({ text }) => text)).toEqual(["first", "last"]);
  });

  test("every page damaged in turn, and cut off anywhere: an outcome each time", async () => {
    const whole = database((made) => {
      for (let index = 0; index < 300; index++)
        add(made, 1, { guid: `g${index}`, text: `text ${index} `.repeat(20), date: appleNanoseconds(AT + index) });
    });
    for (let page = 1; page * 4096 < whole.length; page += 3) {
      const damaged = whole.slice();
      damaged.fill(0xa5, page * 4096, page * 4096 + 200);
      const { report } = await problems(damaged);
      expect(report.messages.imported).toBeLessThanOrEqual(300);
    }
    for (const length of [100, 4096, 9000, whole.length - 4096]) {
      expect((await problems(whole.slice(0, length))).report.messages.imported).toBeLessThanOrEqual(300);
    }
  });

  test("another program's database, and a file that only begins like one", async () => {
    expect((await problems(raw("CREATE TABLE songs (title TEXT)"))).codes).toEqual(["format_unknown"]);
    const nonsense = new Uint8Array(5000).fill(7);
    nonsense.set(Buffer.from("SQLite format 3\0"));
    expect((await problems(nonsense)).codes).toEqual(["database_damaged"]);
  });
});
