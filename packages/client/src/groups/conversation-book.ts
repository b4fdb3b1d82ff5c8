/**
 * The states of conversations: cached, loaded from their records, and written as what differs from before. A conversation has its name on this
 * device by its MLS group, which stays when its log changes.
 */
import { type Conversation, conversationDelta, conversationFromRecords, type StateRecord } from "@sotto/core";
import { bytesToHex, idToText, type LogId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Statement, Store } from "../ports.ts";
import { allPlaces, firstPlace } from "../store/places.ts";
import { bytesIn, sql, textIn } from "../store/statements.ts";

const PUT = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (log, key) DO UPDATE SET value = excluded.value";

const groupOf = ({ mls }: Pick<Conversation, "mls">): Uint8Array => mls.context.groupId;

export class ConversationBook {
  readonly #store: Store;
  readonly #cached = new Map<string, Conversation>();
  readonly #names = new Map<string, LogId>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The names of all conversations. */
  async load(): Promise<void> {
    for (const { groupId, log } of await allPlaces(this.#store)) this.#names.set(bytesToHex(groupId), log);
  }

  /** What the conversation is called on this device: the first log that it was known in. */
  nameOf(conversation: Conversation): LogId {
    return this.#names.get(bytesToHex(groupOf(conversation))) ?? conversation.log;
  }

  async get(log: LogId): Promise<Conversation> {
    const cached = this.#cached.get(idToText(log));
    if (cached !== undefined) return cached;
    const rows = await this.#store.all("SELECT key, value FROM records WHERE log = ?", [log]);
    if (rows.length === 0) throw new ClientError("conversation_unknown");
    const loaded = conversationFromRecords(rows.map((row): StateRecord => [textIn(row, "key"), bytesIn(row, "value")]));
    if (!loaded.ok) throw new ClientError("store_damaged");
    this.#cached.set(idToText(log), loaded.value);
    return loaded.value;
  }

  /** What to write so that the store holds `after`; call {@link adopt} once it is written. */
  statements(before: Conversation | undefined, after: Conversation): Statement[] {
    const name = this.nameOf(after);
    const { put, remove } = conversationDelta(before, after);
    const anew = before === undefined ? [sql("DELETE FROM records WHERE log = ?", name), firstPlace(name, groupOf(after), after.log)] : [];
    return [
      ...anew,
      ...put.map(([key, value]) => sql(PUT, name, key, value)),
      ...remove.map((key) => sql("DELETE FROM records WHERE log = ? AND key = ?", name, key)),
    ];
  }

  adopt(after: Conversation): void {
    const name = this.nameOf(after);
    this.#names.set(bytesToHex(groupOf(after)), name);
    this.#cached.set(idToText(name), after);
  }
}
