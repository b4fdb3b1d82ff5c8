/** What was brought in goes out again: lossless, as pages, and as Telegram would write it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ArchiveImport, exportArchive, exportHtml, exportTelegram, type LossReport, type Source } from "@sotto/archive";
import { asBytes, bytesSource, generateInstagram, zipSource } from "@sotto/archive/testing";
import { Client } from "@sotto/client";
import { nodePorts, openMediaFiles, openStore } from "@sotto/client/node";
import { openTarget } from "../src/archive-target.ts";
import { nodeArchivePorts, openSources } from "../src/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-export-"));
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.close();
  rmSync(folder, { recursive: true, force: true });
});

const filesOf = (name: string) => ({ files: openMediaFiles(join(folder, name, "media")), createSha256: nodeArchivePorts.createSha256 });

async function openProfile(name: string): Promise<Client> {
  const store = openStore(join(folder, name, "profile.db"), { key: new Uint8Array(32).fill(3) });
  const client = await Client.open(await nodePorts(store, "http://127.0.0.1:1"));
  clients.push(client);
  return client;
}

async function bring(client: Client, name: string, sources: readonly Source[]): Promise<LossReport> {
  const work = await ArchiveImport.open(sources, nodeArchivePorts, { zone: "UTC" });
  return work.run(client.archive.sink(filesOf(name)));
}

let client: Client;
const telegram = {
  name: "Ada <b>",
  type: "personal_chat",
  id: 5,
  messages: [
    {
      id: 1,
      type: "message",
      date_unixtime: "1600000000",
      from: "Ada",
      from_id: "user1",
      text: ["<script>alert(1)</script> ", { type: "bold", text: "now" }],
      new_field: { b: 1, a: [2] },
    },
    {
      id: 2,
      type: "message",
      date_unixtime: "1600000001",
      from: "Bob",
      from_id: "user2",
      text: "",
      reply_to_message_id: 1,
      photo: "(File not included. x)",
    },
    {
      id: 3,
      type: "message",
      date_unixtime: "1600000002",
      from: "Bob",
      from_id: "user2",
      text: "",
      poll: { question: "Q?", answers: [{ text: "A", voters: 2 }] },
    },
  ],
};

beforeAll(async () => {
  client = await openProfile("first");
  const instagram = await zipSource("instagram-1.zip", generateInstagram({ seed: 11, conversations: 5, messagesEach: 80, photoOnce: 9 }));
  const chat = asBytes("23/10/2018, 14:05 - Ada: ok\n23/10/2018, 14:05 - Ada: ok\n23/10/2018, 14:06 - Bob: hm\n");
  await bring(client, "first", [instagram, bytesSource("result.json", asBytes(telegram)), bytesSource("WhatsApp Chat with Bob.txt", chat)]);
});

test("exported, imported into an empty store and exported again, it is the same to the byte", async () => {
  const people = await client.archive.people.list();
  const [ada, bob] = ["telegram", "whatsapp"].map((service) =>
    people.find((person) => person.service === service && person.name === "Bob"),
  );
  const bytesOf = (id: string | undefined): Uint8Array => new Uint8Array(Buffer.from(id ?? "", "base64url"));
  await client.archive.people.merge(bytesOf(ada?.id), bytesOf(bob?.id));
  await client.archive.people.markAsMe(bytesOf(ada?.id));
  const first = await exportArchive(client.archive.reader(filesOf("first")), await openTarget(join(folder, "a")), {
    ports: nodeArchivePorts,
  });
  expect(first).toMatchObject({ conversations: 7, messages: 406 });
  const other = await openProfile("second");
  const opened = await openSources([join(folder, "a")]);
  const report = await bring(other, "second", opened.sources);
  await opened.close();
  expect(report).toMatchObject({ messages: { read: 406, imported: 406 }, problems: [] });
  const second = await exportArchive(other.archive.reader(filesOf("second")), await openTarget(join(folder, "b")), {
    ports: nodeArchivePorts,
  });
  expect(second).toEqual(first);
});

test("an archive whose lines were tampered with loses those lines", async () => {
  const lines = readFileSync(join(folder, "a/people.jsonl"), "utf8");
  const [head = ""] = readdirSync(join(folder, "a/conversations"));
  const base = join(folder, "a/conversations", head);
  const message = JSON.parse(readFileSync(join(base, "messages-00001.jsonl"), "utf8").split("\n")[0] ?? "") as Record<string, unknown>;
  const bad = [{ ...message, text: 7 }, { ...message, at: -1 }, { ...message, reply: { text: {} } }, { ...message, unknown: 1 }, message];
  const sources = [
    bytesSource("x/people.jsonl", asBytes(lines)),
    bytesSource(`x/conversations/${head}/conversation.json`, readFileSync(join(base, "conversation.json"))),
    bytesSource(`x/conversations/${head}/messages-00001.jsonl`, asBytes(bad.map((value) => JSON.stringify(sortKeys(value))).join("\n"))),
  ];
  const report = await bring(await openProfile("third"), "third", sources);
  expect(report.messages).toMatchObject({ read: 5, imported: 1, unparsed: 4 });
});

const sortKeys = (value: Record<string, unknown>): unknown =>
  Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));

test("pages hold no script and nothing remote, and what people wrote is only text", async () => {
  const counts = await exportHtml(client.archive.reader(filesOf("first")), await openTarget(join(folder, "html")), {
    ports: nodeArchivePorts,
  });
  expect(counts).toMatchObject({ conversations: 7, messages: 406 });
  const pages = readdirSync(join(folder, "html"), { recursive: true, withFileTypes: true }).filter(({ name }) => name.endsWith(".html"));
  const text = pages.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("");
  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt; now");
  expect(text).not.toMatch(/<script|<iframe|https?:\/\/|\son\w+=/i);
  for (const [, source = ""] of text.matchAll(/(?:src|href)="([^"#]+)"/g)) {
    expect(
      source === "data:," ||
        existsSync(join(folder, "html/conversations/x", source)) ||
        existsSync(join(folder, "html", source)) ||
        /^messages-\d+\.html$/.test(source),
    ).toBe(true);
  }
});

test("as Telegram it can be read as Telegram", async () => {
  await exportTelegram(client.archive.reader(filesOf("first")), await openTarget(join(folder, "telegram")), { ports: nodeArchivePorts });
  const opened = await openSources([join(folder, "telegram")]);
  const report = await bring(await openProfile("fourth"), "fourth", opened.sources);
  await opened.close();
  expect(report).toMatchObject({ messages: { read: 406, imported: 406 }, conversations: 7, services: ["telegram"] });
});

test("search finds by text, person, service, day and kind of media, with what was said around it", async () => {
  const { archive } = client;
  const [hit] = await archive.search({ text: "alert", limit: 5, context: 1 });
  expect(hit).toMatchObject({ service: "telegram", title: "Ada <b>", before: [], after: [{ nativeId: "2" }] });
  expect(await archive.search({ service: "whatsapp", from: Date.UTC(2018, 9, 23), to: Date.UTC(2018, 9, 24), limit: 10 })).toHaveLength(3);
  const photos = await archive.search({ media: "photo", service: "instagram", limit: 1000 });
  expect(photos.length).toBeGreaterThan(10);
  expect(photos.every(({ message }) => message.media?.[0]?.kind === "photo")).toBe(true);
  expect((await archive.stats()).map(({ service, messages }) => [service, messages])).toEqual([
    ["instagram", 400],
    ["telegram", 3],
    ["whatsapp", 3],
  ]);
});

test("pages go back to the first message", async () => {
  const [first] = (await client.archive.conversations()).filter(({ service }) => service === "instagram");
  const seen: string[] = [];
  for (let before: Awaited<ReturnType<typeof client.archive.messages>>["earlier"]; ;) {
    const page = await client.archive.messages(first?.log ?? new Uint8Array(), { limit: 30, ...(before === undefined ? {} : { before }) });
    seen.unshift(...page.messages.map(({ id }) => id));
    before = page.earlier;
    if (before === undefined) break;
  }
  expect([seen.length, new Set(seen).size]).toEqual([80, 80]);
});
