/** Reading imported history out of the store: for lists, pages, search, and for exports (the `ArchiveReader` of packages/archive). */
import { type ArchiveConversation, type ArchiveMessage, type ArchivePerson, base64urlToBytes, bytesToBase64url } from "@sotto/protocol";
import { ARCHIVE_CONVERSATION_KINDS, ARCHIVE_SERVICES } from "@sotto/protocol";
import type { Row, SqlValue, Store } from "../ports.ts";
import { bytesIn, numberIn, oneOf, textIn } from "../store/statements.ts";
import { recordFrom } from "./stored-record.ts";

export const RECORDS = `SELECT m.*, f.path AS path FROM messages m LEFT JOIN archive_files f ON f.id = m.imported ->> '$.s[0]'`;
const PAGE = 500;
const ORDER_BYTES = 14;
const CONVERSATION_BYTES = 8;

export type ArchiveCursor = { readonly order: Uint8Array; readonly id: number };

export const cursorOf = (row: Row): ArchiveCursor => ({ order: bytesIn(row, "local_id").slice(0, ORDER_BYTES), id: numberIn(row, "id") });

/** Rows of one conversation behind a place, oldest first. */
export function rowsAfter(
  store: Store,
  log: Uint8Array,
  page: { readonly after?: ArchiveCursor; readonly limit: number },
): Promise<readonly Row[]> {
  const { order, id } = page.after ?? { order: log.slice(0, CONVERSATION_BYTES), id: 0 };
  const select = `${RECORDS} WHERE m.state = 'imported' AND (substr(m.local_id, 1, 14), m.id) > (?, ?) AND m.log = ?
    ORDER BY substr(m.local_id, 1, 14), m.id LIMIT ?`;
  return store.all(select, [order, id, log, page.limit]);
}

/** Rows of one conversation before a place, or its last ones; oldest first. */
export async function rowsBefore(
  store: Store,
  log: Uint8Array,
  page: { readonly before?: ArchiveCursor; readonly limit: number },
): Promise<readonly Row[]> {
  const end = new Uint8Array(ORDER_BYTES + 1).fill(0xff);
  end.set(log.subarray(0, CONVERSATION_BYTES));
  const { order, id } = page.before ?? { order: end, id: Number.MAX_SAFE_INTEGER };
  const select = `${RECORDS} WHERE m.state = 'imported' AND (substr(m.local_id, 1, 14), m.id) < (?, ?) AND m.log = ?
    ORDER BY substr(m.local_id, 1, 14) DESC, m.id DESC LIMIT ?`;
  return (await store.all(select, [order, id, log, page.limit])).toReversed();
}

export class StoreReader {
  readonly #store: Store;
  readonly #media: (hash: Uint8Array) => AsyncIterable<Uint8Array>;

  constructor(store: Store, media: (hash: Uint8Array) => AsyncIterable<Uint8Array>) {
    this.#store = store;
    this.#media = media;
  }

  async conversations(): Promise<ArchiveConversation[]> {
    const rows = await this.#store.all("SELECT * FROM archive_conversations ORDER BY log");
    return Promise.all(rows.map((row) => this.#conversation(row)));
  }

  async #conversation(row: Row): Promise<ArchiveConversation> {
    const log = bytesIn(row, "log");
    const keys = await this.#store.all("SELECT key, is_join FROM archive_keys WHERE log = ? ORDER BY is_join, key", [log]);
    const people = await this.#store.all("SELECT person FROM archive_members WHERE log = ? ORDER BY person", [log]);
    const keysOf = (isJoin: number): string[] => keys.flatMap((key) => (key["is_join"] === isJoin ? [textIn(key, "key")] : []));
    return {
      id: bytesToBase64url(log),
      service: oneOf(row, "service", ARCHIVE_SERVICES),
      keys: keysOf(0),
      joinKeys: keysOf(1),
      kind: oneOf(row, "kind", ARCHIVE_CONVERSATION_KINDS),
      title: textIn(row, "title"),
      people: people.map((member) => bytesToBase64url(bytesIn(member, "person"))),
    };
  }

  async people(): Promise<ArchivePerson[]> {
    return (await this.#store.all("SELECT * FROM archive_people ORDER BY person")).map(personFrom);
  }

  async *messages(conversation: string): AsyncGenerator<ArchiveMessage> {
    const log = base64urlToBytes(conversation);
    if (log === undefined) return;
    for (let after: ArchiveCursor | undefined; ;) {
      const rows = await rowsAfter(this.#store, log, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      yield* rows.map(recordFrom);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = cursorOf(last);
    }
  }

  media(sha256: string): AsyncIterable<Uint8Array> | undefined {
    const hash = base64urlToBytes(sha256);
    return hash?.length === 32 ? this.#media(hash) : undefined;
  }
}

export function personFrom(row: Row): ArchivePerson {
  const merged: SqlValue = row["merged_into"] ?? null;
  return {
    id: bytesToBase64url(bytesIn(row, "person")),
    service: oneOf(row, "service", ARCHIVE_SERVICES),
    key: textIn(row, "key"),
    name: textIn(row, "name"),
    isPlaceholder: row["is_placeholder"] === 1,
    ...(row["is_me"] === 1 ? { isMe: true } : {}),
    ...(merged instanceof Uint8Array ? { mergedInto: bytesToBase64url(merged) } : {}),
  };
}
