/**
 * Finding messages with a text anywhere in them or in the name of a file, newest first (spec/client-store.md §Search).
 *
 *   three characters and more   the trigram index, which FTS5 walks from the latest moment down and leaves once there are enough
 *   one and two                 the latest messages are looked through; if that does not fill the page, the text is rare, and so the index is asked
 *                               for all trigrams that begin with it
 *
 * The filter by conversation is a trigram of its own (`place`), so it narrows the walk instead of throwing rows away after it.
 */
import type { LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { SqlValue } from "../ports.ts";
import { numberIn, textIn } from "../store/statements.ts";
import { rowOfMoment } from "../store/search-order.ts";
import { BELOW, byFileName, byShortFileName } from "./file-names.ts";
import { messagesWhere, type MessageView } from "./timeline.ts";

export type SearchOptions = {
  /** How many at most; 50 if left out. */
  readonly limit?: number;
  /** Only in this conversation. */
  readonly log?: LogId;
  /** The local id of the last message seen: the page after it. */
  readonly before?: Uint8Array;
};

const PAGE = 50;
const TRIGRAM = 3;
/** Rows that are looked through for a text of one or two characters. */
const LOOK_THROUGH = 4_000;
const TERMS_MAX = 5_000;

type Search = {
  readonly characters: readonly string[];
  readonly log: LogId | undefined;
  readonly before: Uint8Array | null;
  readonly limit: number;
};

export async function searchMessages(engine: Engine, query: string, options: SearchOptions): Promise<MessageView[]> {
  const { log, before, limit = PAGE } = options;
  const characters = Array.from(query.replaceAll("\0", ""));
  if (characters.length === 0) return [];
  await engine.searchIndex.complete();
  const search = { characters, log, limit, before: before ?? null };
  const isShort = characters.length < TRIGRAM;
  const phrase = quoted(characters.join(""));
  const inText = isShort ? await shortSearch(engine, search) : await indexed(engine, search, phrase);
  const { store } = engine.ports;
  const inNames = isShort ? await byShortFileName(store, patternsOf(characters), search) : await byFileName(store, phrase, search);
  const rows = JSON.stringify([...new Set([...inText, ...inNames])]);
  return messagesWhere(engine, "WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY m.moment DESC LIMIT ?", [rows, limit]);
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

async function ids(engine: Engine, select: string, parameters: readonly SqlValue[]): Promise<number[]> {
  return (await engine.ports.store.all(select, parameters)).map((row) => numberIn(row, "id"));
}

/** The trigram that stands for a conversation, as in the tables. */
async function placeOf(engine: Engine, log: LogId): Promise<string | undefined> {
  const [row] = await engine.ports.store.all("SELECT place FROM messages WHERE log = ? LIMIT 1", [log]);
  return row && textIn(row, "place");
}

const FOUND = `SELECT ${rowOfMoment("t.rowid")} AS id FROM messages_text t`;

/** `words` is an expression of FTS5. */
async function indexed(engine: Engine, { log, before, limit }: Search, words: string): Promise<number[]> {
  if (log === undefined) {
    const select = `${FOUND} WHERE t.messages_text MATCH ? AND t.rowid < ${BELOW} ORDER BY t.rowid DESC LIMIT ?`;
    return ids(engine, select, [`words : (${words})`, before, before, limit]);
  }
  const place = await placeOf(engine, log);
  if (place === undefined) return [];
  const select = `${FOUND} CROSS JOIN messages m ON m.id = ${rowOfMoment("t.rowid")}
    WHERE t.messages_text MATCH ? AND t.rowid < ${BELOW} AND m.log = ? ORDER BY t.rowid DESC LIMIT ?`;
  return ids(engine, select, [`words : (${words}) AND place : ${quoted(place)}`, before, before, log, limit]);
}

async function shortSearch(engine: Engine, search: Search): Promise<number[]> {
  const near = await lookThrough(engine, search);
  if (near.length >= search.limit) return near;
  const terms = await termsFrom(engine, search.characters);
  return terms.length === 0 ? [] : indexed(engine, search, terms.map(quoted).join(" OR "));
}

async function lookThrough(engine: Engine, { characters, log, before, limit }: Search): Promise<number[]> {
  const patterns = patternsOf(characters);
  const matches = patterns.map(() => String.raw`m.text LIKE ? ESCAPE '\'`).join(" OR ");
  const place = log && (await placeOf(engine, log));
  if (log !== undefined && place === undefined) return [];
  const latest =
    place === undefined
      ? `SELECT id FROM messages WHERE moment < ${BELOW} ORDER BY moment DESC LIMIT ?`
      : `${FOUND} WHERE t.messages_text MATCH ? AND t.rowid < ${BELOW} ORDER BY t.rowid DESC LIMIT ?`;
  const select = `SELECT m.id FROM (${latest}) n CROSS JOIN messages m ON m.id = n.id
    WHERE (${matches}) AND (? IS NULL OR m.log = ?) ORDER BY m.moment DESC LIMIT ?`;
  const filter = place === undefined ? [] : [`place : ${quoted(place)}`];
  return ids(engine, select, [...filter, before, before, LOOK_THROUGH, ...patterns, log ?? null, log ?? null, limit]);
}

const patternsOf = (characters: readonly string[]): string[] =>
  spellings(characters).map((text) => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);

/** LIKE takes both cases of ASCII letters for equal and no others. */
function spellings(characters: readonly string[]): string[] {
  const cases = (character: string): string[] => {
    const all = [character, character.toLowerCase(), character.toUpperCase()].filter((one) => Array.from(one).length === 1);
    return character < "\u{80}" ? [character.toLowerCase()] : [...new Set(all)];
  };
  return characters.reduce<string[]>((begun, character) => begun.flatMap((text) => cases(character).map((next) => text + next)), [""]);
}

/** All trigrams of the index that begin with these characters, or as many as an expression takes. */
async function termsFrom(engine: Engine, characters: readonly string[]): Promise<string[]> {
  const terms = new Set<string>();
  for (const text of spellings(characters)) {
    const select = "SELECT term FROM messages_terms WHERE term >= ? AND term < ? LIMIT ?";
    const rows = await engine.ports.store.all(select, [text, after(text), TERMS_MAX - terms.size]);
    for (const row of rows) terms.add(textIn(row, "term"));
  }
  return [...terms];
}

/** The least text that is greater than all that begin with this one, in the order of code points. */
function after(text: string): string {
  const characters = Array.from(text);
  const last = characters.pop()?.codePointAt(0) ?? 0;
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return next > 0x10ffff ? `${text}\u{10ffff}` : characters.join("") + String.fromCodePoint(next);
}
