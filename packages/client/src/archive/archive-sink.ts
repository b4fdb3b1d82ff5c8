/**
 * Where an import goes: the store's side of the port that packages/archive defines (its `ArchiveSink`; this package does not know that one). Each batch
 * is one transaction with the checkpoint that counts it.
 */
import type {
  AccountId,
  ArchiveConversationKind,
  ArchiveMedia,
  ArchiveMessage,
  ArchivePerson,
  ArchiveService,
  LogId,
} from "@sotto/protocol";
import { base64urlToBytes, bytesToBase64url, logId, toId } from "@sotto/protocol";
import type { Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, sql, textIn } from "../store/statements.ts";
import { type KeptFile, MediaShelf, type ShelfContext } from "./media-shelf.ts";
import { fromStored, NOBODY, toStored } from "./stored-record.ts";

type Person = { readonly id: AccountId; readonly key: string; readonly name: string; readonly isPlaceholder: boolean };
type Conversation = {
  readonly id: LogId;
  readonly service: ArchiveService;
  readonly key: string;
  readonly joinKey: string | undefined;
  readonly moreKeys: readonly string[];
  readonly moreJoinKeys: readonly string[];
  readonly kind: ArchiveConversationKind;
  readonly title: string;
  readonly people: readonly Person[];
};
type Message = { readonly id: Uint8Array; readonly sender: Person | undefined; readonly record: ArchiveMessage };
type Part = { readonly conversation: Conversation; readonly added: readonly Message[]; readonly completed: readonly Message[] };
type Batch = { readonly parts: readonly Part[]; readonly checkpoint: string };

const LOOK_UP = 200;
const FILES_HELD = 10_000;

const ADD_MESSAGE =
  "INSERT OR IGNORE INTO messages (local_id, log, sender, at, kind, text, state, imported) VALUES (?, ?, ?, ?, ?, ?, 'imported', ?)";
const ADD_CONVERSATION = `INSERT INTO archive_conversations (log, service, kind, title, messages, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (log) DO UPDATE SET messages = messages + excluded.messages, title = coalesce(nullif(excluded.title, ''), title),
    kind = CASE excluded.kind WHEN 'unknown' THEN kind ELSE excluded.kind END,
    first_at = min(coalesce(first_at, excluded.first_at), coalesce(excluded.first_at, first_at)),
    last_at = max(coalesce(last_at, excluded.last_at), coalesce(excluded.last_at, last_at))`;
const ADD_PERSON = "INSERT OR IGNORE INTO archive_people (person, service, key, name, is_placeholder) VALUES (?, ?, ?, ?, ?)";
const ADD_KEY = "INSERT OR IGNORE INTO archive_keys VALUES (?, ?, ?, ?)";
const CHECKPOINT = "INSERT INTO archive_imports VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET checkpoint = excluded.checkpoint";

/** Keys of one kind of export have the same word before the colon, if there is one. */
const namespaceOf = (key: string): string => /^[a-z0-9]+:/.exec(key)?.[0] ?? "";

export class StoreSink {
  readonly #store: Store;
  readonly #shelf: MediaShelf;
  readonly #index: () => Promise<void>;
  readonly #files = new Map<string, number>();
  readonly #written = new Set<string>();
  #importId = "";

  /** `index` makes what was added findable. */
  constructor(context: ShelfContext, index: () => Promise<void>) {
    this.#index = index;
    this.#store = context.store;
    this.#shelf = new MediaShelf(context);
  }

  async begin(importId: string): Promise<string | undefined> {
    this.#importId = importId;
    await this.#shelf.sweep();
    const [row] = await this.#store.all("SELECT checkpoint FROM archive_imports WHERE id = ?", [importId]);
    return row && textIn(row, "checkpoint");
  }

  async end(): Promise<void> {
    await this.#index();
    await this.#store.write([sql("DELETE FROM archive_imports WHERE id = ?", this.#importId)]);
  }

  async resolve({ id, service, key, joinKey }: Conversation): Promise<LogId> {
    const [exact] = await this.#store.all("SELECT log FROM archive_keys WHERE service = ? AND is_join = 0 AND key = ?", [service, key]);
    if (exact !== undefined) return toId(logId, bytesIn(exact, "log"));
    if (joinKey === undefined) return id;
    const select = `SELECT log, (SELECT group_concat(k.key, char(10)) FROM archive_keys k WHERE k.log = j.log AND k.is_join = 0) AS keys
      FROM archive_keys j WHERE service = ? AND is_join = 1 AND key = ? LIMIT 20`;
    const candidates = (await this.#store.all(select, [service, joinKey])).filter((row) =>
      textIn(row, "keys")
        .split("\n")
        .every((known) => namespaceOf(known) !== namespaceOf(key)),
    );
    const [only, ...others] = candidates;
    return only !== undefined && others.length === 0 ? toId(logId, bytesIn(only, "log")) : id;
  }

  async known(ids: readonly Uint8Array[]): Promise<Map<string, readonly ArchiveMedia[]>> {
    const found = new Map<string, readonly ArchiveMedia[]>();
    for (let at = 0; at < ids.length; at += LOOK_UP) {
      const some = ids.slice(at, at + LOOK_UP);
      // One text for every look-up, so that it is prepared once: what is missing is asked for twice.
      const padded = [...some, ...Array.from({ length: LOOK_UP - some.length }, () => some[0] ?? NOBODY)];
      for (const row of await this.#store.all(KNOWN, padded)) {
        const stored = textIn(row, "imported");
        found.set(bytesToBase64url(bytesIn(row, "local_id")), stored.includes('"media"') ? (fromStored(stored).media ?? []) : []);
      }
    }
    return found;
  }

  keep(file: { readonly bytes: number; open(): AsyncIterable<Uint8Array> }): Promise<KeptFile> {
    return this.#shelf.keep(file);
  }

  async write({ parts, checkpoint }: Batch): Promise<void> {
    const media = this.#shelf.takeRows();
    const files = await this.#numbers(parts.flatMap(({ added, completed }) => [...added, ...completed]));
    const statements = parts.flatMap((part) => [...this.#people(part.conversation, part.added), ...rowsOf(part, files)]);
    await this.#store.write([...media, ...statements, sql(CHECKPOINT, this.#importId, checkpoint)]);
  }

  async tell(people: readonly ArchivePerson[]): Promise<void> {
    const change = "UPDATE archive_people SET is_me = max(is_me, ?), merged_into = coalesce(merged_into, ?) WHERE person = ?";
    const idOf = (text: string | undefined): Uint8Array | null => (text === undefined ? null : (base64urlToBytes(text) ?? null));
    await this.#store.write(
      people.flatMap(({ id, service, key, name, isPlaceholder, isMe, mergedInto }) => [
        sql(ADD_PERSON, idOf(id), service, key, name, isPlaceholder ? 1 : 0),
        sql(change, isMe === true ? 1 : 0, idOf(mergedInto), idOf(id)),
      ]),
    );
  }

  #people(conversation: Conversation, added: readonly Message[]): Statement[] {
    const { id, service, key, joinKey, moreKeys, moreJoinKeys, kind, title } = conversation;
    const joinKeys = joinKey === undefined ? moreJoinKeys : [joinKey, ...moreJoinKeys];
    const times = added.map(({ record }) => record.at);
    const [first, last] = times.length === 0 ? [null, null] : [min(times), max(times)];
    const statements = [
      sql(ADD_CONVERSATION, id, service, kind, title, added.length, first, last),
      ...[key, ...moreKeys].map((known) => sql(ADD_KEY, service, known, id, 0)),
      ...joinKeys.map((known) => sql(ADD_KEY, service, known, id, 1)),
    ];
    const senders = added.flatMap(({ sender }) => (sender === undefined ? [] : [sender]));
    for (const person of [...conversation.people, ...senders]) {
      const member = `${bytesToBase64url(id)} ${bytesToBase64url(person.id)}`;
      if (this.#written.has(member)) continue;
      if (this.#written.size >= FILES_HELD) this.#written.clear();
      this.#written.add(member);
      statements.push(
        sql(ADD_PERSON, person.id, service, person.key, person.name, person.isPlaceholder ? 1 : 0),
        sql("INSERT OR IGNORE INTO archive_members VALUES (?, ?)", id, person.id),
      );
    }
    return statements;
  }

  /** Numbers of the files that the messages were read from; new ones are written first, which does no harm if nothing follows. */
  async #numbers(messages: readonly Message[]): Promise<ReadonlyMap<string, number>> {
    const paths = new Set(messages.map(({ record }) => record.source.path));
    const missing = [...paths].filter((path) => !this.#files.has(path));
    if (missing.length > 0) {
      if (this.#files.size > FILES_HELD) this.#files.clear();
      await this.#store.write(missing.map((path) => sql("INSERT OR IGNORE INTO archive_files (path) VALUES (?)", path)));
      for (const path of paths) {
        const [row] = await this.#store.all("SELECT id FROM archive_files WHERE path = ?", [path]);
        if (row !== undefined) this.#files.set(path, numberIn(row, "id"));
      }
    }
    return this.#files;
  }
}

function rowsOf({ conversation, added, completed }: Part, files: ReadonlyMap<string, number>): Statement[] {
  const fileOf = ({ record }: Message): number => files.get(record.source.path) ?? 0;
  const rows = added.map((message): Statement => {
    const { id, sender, record } = message;
    const stored = toStored(record, fileOf(message));
    return sql(ADD_MESSAGE, id, conversation.id, sender?.id ?? NOBODY, record.at, record.kind, record.text, stored);
  });
  const changes = completed.map((message) =>
    sql("UPDATE messages SET imported = ? WHERE local_id = ?", toStored(message.record, fileOf(message)), message.id),
  );
  return [...rows, ...changes];
}

const KNOWN = `SELECT local_id, imported FROM messages WHERE local_id IN (${Array.from({ length: LOOK_UP }, () => "?").join(", ")})`;

const min = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
const max = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
