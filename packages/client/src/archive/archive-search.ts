/** Finding imported messages by text, person, conversation, service, date and kind of media; each with what was said around it. */
import type { ArchiveMessage } from "@sotto/protocol";
import type { Row, SqlValue, Store } from "../ports.ts";
import { rowOfMoment } from "../store/search-order.ts";
import { bytesIn, textIn } from "../store/statements.ts";
import { cursorOf, RECORDS, rowsAfter, rowsBefore } from "./archive-reading.ts";
import { recordFrom } from "./stored-record.ts";

export type ArchiveSearch = {
  /** Anywhere in the text. */
  readonly text?: string;
  /** Any of them wrote it. */
  readonly people?: readonly Uint8Array[];
  readonly log?: Uint8Array;
  readonly service?: string;
  /** From this time, to before that time, in ms. */
  readonly from?: number;
  readonly to?: number;
  /** A kind of media, such as "photo". */
  readonly media?: string;
  readonly limit: number;
  /** So many messages before and after each. */
  readonly context?: number;
};

export type ArchiveHit = {
  readonly log: Uint8Array;
  readonly service: string;
  readonly title: string;
  readonly message: ArchiveMessage;
  readonly before: readonly ArchiveMessage[];
  readonly after: readonly ArchiveMessage[];
};

const TRIGRAM = 3;

function conditions(search: ArchiveSearch): { readonly where: string; readonly parameters: readonly SqlValue[] } {
  const parts: (readonly [string, readonly SqlValue[]])[] = [["m.state = 'imported'", []]];
  const { text = "", people, log, service, from, to, media } = search;
  if (Array.from(text).length >= TRIGRAM) {
    const phrase = `words : "${text.replaceAll('"', '""')}"`;
    parts.push([`m.id IN (SELECT ${rowOfMoment("rowid")} FROM messages_text WHERE messages_text MATCH ?)`, [phrase]]);
  } else if (text !== "") {
    parts.push([String.raw`m.text LIKE ? ESCAPE '\'`, [`%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`]]);
  }
  if (people !== undefined) parts.push([`m.sender IN (${people.map(() => "?").join(", ") || "NULL"})`, people]);
  if (log !== undefined) parts.push(["m.log = ?", [log]]);
  if (service !== undefined) parts.push(["c.service = ?", [service]]);
  if (from !== undefined) parts.push(["m.at >= ?", [from]]);
  if (to !== undefined) parts.push(["m.at < ?", [to]]);
  if (media !== undefined)
    parts.push(["EXISTS (SELECT 1 FROM json_each(m.imported, '$.media') j WHERE j.value ->> '$.kind' = ?)", [media]]);
  return { where: parts.map(([condition]) => condition).join(" AND "), parameters: parts.flatMap(([, values]) => values) };
}

/** The latest first. */
export async function searchArchive(store: Store, search: ArchiveSearch): Promise<ArchiveHit[]> {
  const { where, parameters } = conditions(search);
  const select = `${RECORDS.replace("SELECT m.*", "SELECT m.*, c.service AS service, c.title AS title")}
    JOIN archive_conversations c ON c.log = m.log WHERE ${where} ORDER BY m.at DESC, m.id DESC LIMIT ?`;
  const rows = await store.all(select, [...parameters, search.limit]);
  return Promise.all(rows.map((row) => hitFrom(store, row, search.context ?? 0)));
}

async function hitFrom(store: Store, row: Row, context: number): Promise<ArchiveHit> {
  const log = bytesIn(row, "log");
  const place = cursorOf(row);
  const before = context === 0 ? [] : await rowsBefore(store, log, { before: place, limit: context });
  const after = context === 0 ? [] : await rowsAfter(store, log, { after: place, limit: context });
  return {
    log,
    service: textIn(row, "service"),
    title: textIn(row, "title"),
    message: recordFrom(row),
    before: before.map(recordFrom),
    after: after.map(recordFrom),
  };
}
