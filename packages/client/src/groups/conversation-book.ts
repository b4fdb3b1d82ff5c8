/** The states of conversations: cached, loaded from their records, and written as what differs from before. */
import { type Conversation, conversationDelta, conversationFromRecords, type StateRecord } from "@sotto/core";
import { idToText, type LogId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Statement, Store } from "../ports.ts";
import { bytesIn, sql, textIn } from "../store/statements.ts";

const PUT = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (log, key) DO UPDATE SET value = excluded.value";

export class ConversationBook {
  readonly #store: Store;
  readonly #cached = new Map<string, Conversation>();

  constructor(store: Store) {
    this.#store = store;
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
    const { put, remove } = conversationDelta(before, after);
    const clear = before === undefined ? [sql("DELETE FROM records WHERE log = ?", after.log)] : [];
    return [
      ...clear,
      ...put.map(([key, value]) => sql(PUT, after.log, key, value)),
      ...remove.map((key) => sql("DELETE FROM records WHERE log = ? AND key = ?", after.log, key)),
    ];
  }

  adopt(after: Conversation): void {
    this.#cached.set(idToText(after.log), after);
  }
}
