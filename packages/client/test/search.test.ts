/** Finding text anywhere, newest first, in a real store. Rows are written as the engine writes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { Client, type SearchOptions, type Store } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { logId, toId } from "@sotto/protocol";

const folder = mkdtempSync(join(tmpdir(), "sotto-search-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CHOIR = toId(logId, new Uint8Array(16).fill(0xc0));
const FAMILY = toId(logId, new Uint8Array(16).fill(0xfa));
const INSERT =
  "INSERT INTO messages (local_id, log, message_id, sender, at, kind, text, content, state) VALUES (?, ?, ?, ?, 1, 'text', ?, NULL, 'received')";

let count = 0;
let store: Store;
let client: Client;

function idBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, number);
  return bytes;
}

async function arrive(texts: readonly string[], log: Uint8Array = CHOIR): Promise<Uint8Array[]> {
  const ids = texts.map(() => idBytes(++count));
  const statements = texts.map((text, at) => {
    const id = ids[at] ?? new Uint8Array();
    return { sql: INSERT, parameters: [id, log, Uint8Array.of(1, ...id, ...new Uint8Array(15)), new Uint8Array(32), text] };
  });
  await store.write(statements);
  return ids;
}

const found = async (query: string, options?: SearchOptions): Promise<string[]> =>
  (await client.search(query, options)).map(({ text }) => text);

beforeEach(async () => {
  store = openStore(join(folder, `${++count}.db`), { key: new Uint8Array(32).fill(7) });
  client = await Client.open(await nodePorts(store, "http://127.0.0.1:1"));
  return () => client.close();
});

test("any part of a word is found whatever its case, the newest first", async () => {
  await arrive(["Blumentopferde", "A TOPF", "nothing"]);
  expect(await found("topf")).toEqual(["A TOPF", "Blumentopferde"]);
  expect(await found("ПРИ")).toEqual([]);
  await arrive(["всем привет", "你好世界", "Ωραία"]);
  expect(await found("ПРИ")).toEqual(["всем привет"]);
  expect(await found("好世界")).toEqual(["你好世界"]);
  expect(await found("ΡΑΊΑ")).toEqual(["Ωραία"]);
});

test("one and two characters are found, at the end of a text too", async () => {
  await arrive(["ok", "go", "Zoë", "Ёж", "好", "x", "see 👋"]);
  expect(await found("O")).toEqual(["Zoë", "go", "ok"]);
  expect(await found("ok")).toEqual(["ok"]);
  expect(await found("oë")).toEqual(["Zoë"]);
  expect(await found("ёЖ")).toEqual(["Ёж"]);
  expect(await found("好")).toEqual(["好"]);
  expect(await found("👋")).toEqual(["see 👋"]);
  expect(await found("q")).toEqual([]);
});

test("a rare pair of characters is found behind thousands of messages", async () => {
  await arrive(["the Quiz", "ends with qu", "QU", "ÖQ"]);
  await arrive(Array.from({ length: 4_500 }, (_, i) => `hello ${i}`));
  expect(await found("qu")).toEqual(["QU", "ends with qu", "the Quiz"]);
  expect(await found("öq")).toEqual(["ÖQ"]);
  expect(await found("z")).toEqual(["the Quiz"]);
});

test("signs that mean something to a query language are only signs", async () => {
  const texts = ['say "ello" now', "100% sure", "snake_case", String.raw`back\slash`, "a * b", "NOT this AND (that)", "x-y:z^2"];
  await arrive(texts);
  for (const text of texts) {
    expect(await found(text)).toEqual([text]);
    const characters = Array.from(text);
    for (let at = 0; at < characters.length - 1; at++) expect(await found(characters.slice(at, at + 2).join(""))).toContain(text);
  }
  expect(await found("%")).toEqual(["100% sure"]);
  expect(await found("_")).toEqual(["snake_case"]);
  expect(await found('"')).toEqual(['say "ello" now']);
  expect(await found("\0")).toEqual([]);
  expect(await found('"\0')).toEqual(['say "ello" now']);
});

test("what was changed or taken back is not found any more, indexed or not yet", async () => {
  const [first, second] = await arrive(["the secret plan", "another secret"]);
  const change = { sql: "UPDATE messages SET text = ? WHERE local_id = ?", parameters: ["the open plan", first ?? null] };
  await store.write([change]);
  expect(await found("secret")).toEqual(["another secret"]);
  await store.write([{ ...change, parameters: ["", second ?? null] }]);
  expect(await found("secret")).toEqual([]);
  await store.write([{ ...change, parameters: ["a secret again", second ?? null] }]);
  expect(await found("secret")).toEqual(["a secret again"]);
  await store.write([{ sql: "DELETE FROM messages WHERE local_id = ?", parameters: [second ?? null] }]);
  expect(await found("secret")).toEqual([]);
  await store.write([{ sql: "INSERT INTO messages_text (messages_text) VALUES ('integrity-check')", parameters: [] }]);
});

test("one conversation can be searched alone", async () => {
  await arrive(["rehearsal at six", "who sings alto"]);
  await arrive(["dinner at six", "x"], FAMILY);
  expect(await found("at six")).toEqual(["dinner at six", "rehearsal at six"]);
  expect(await found("at six", { log: CHOIR })).toEqual(["rehearsal at six"]);
  expect(await found("x", { log: FAMILY })).toEqual(["x", "dinner at six"]);
  expect(await found("al", { log: FAMILY })).toEqual([]);
  expect(await found("six", { log: toId(logId, new Uint8Array(16)) })).toEqual([]);
});

test("what is older comes later, whenever it was stored: as after an import", async () => {
  const at = (text: string, time: number): { readonly sql: string; readonly parameters: readonly [number, string] } => {
    return { sql: "UPDATE messages SET at = ? WHERE text = ?", parameters: [time, text] };
  };
  await arrive(["song of today", "song of 2019", "song of 2024", "song of no year"]);
  const times = [at("song of today", 1_764_000_000_000), at("song of 2019", 1_560_000_000_000), at("song of 2024", 1_720_000_000_000)];
  await store.write(times.slice(0, 1));
  await client.search("indexes what is there");
  await store.write([...times.slice(1), at("song of no year", Number.MAX_SAFE_INTEGER)]);
  const order = ["song of no year", "song of today", "song of 2024", "song of 2019"];
  expect(await found("song of")).toEqual(order);
  expect(await found("so")).toEqual(order);
  expect(await found("so", { log: CHOIR })).toEqual(order);
  const [first, second] = await client.search("song", { limit: 2 });
  expect([first?.text, second?.text]).toEqual(order.slice(0, 2));
  expect(
    (await client.search("song", { limit: 2, ...(second === undefined ? {} : { before: second.localId }) })).map(({ text }) => text),
  ).toEqual(order.slice(2));
  await store.write([{ sql: "INSERT INTO messages_text (messages_text) VALUES ('integrity-check')", parameters: [] }]);
});

test("pages follow each other without a gap", async () => {
  for (const query of ["number", "m"]) {
    const texts = Array.from({ length: 23 }, (_, i) => `${query} ${i}`);
    await arrive(texts);
    const pages: string[] = [];
    let before: Uint8Array | undefined;
    for (;;) {
      const page = await client.search(`${query} `.slice(0, query.length + 1), { limit: 5, ...(before === undefined ? {} : { before }) });
      const last = page.at(-1);
      if (last === undefined) break;
      pages.push(...page.map(({ text }) => text));
      before = last.localId;
    }
    expect(pages).toEqual(texts.toReversed());
  }
});

test("it finds what looking at every message finds", async () => {
  const alphabet = ["a", "b", "B", "ä", "Ä", "ж", "Ж", " ", "_", "好", "👋", "'"];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const text = (length: number): string => Array.from({ length }, () => alphabet[next(alphabet.length)] ?? "").join("");
  const texts = Array.from({ length: 600 }, () => text(1 + next(8)));
  await arrive(texts);
  for (let round = 0; round < 200; round++) {
    const query = text(1 + next(4));
    const expected = texts.filter((one) => one.toLowerCase().includes(query.toLowerCase())).toReversed();
    expect([query, await found(query, { limit: 1_000 })]).toEqual([query, expected]);
  }
});
