/**
 * Sharing with one's own other devices (spec/own-devices.md). What is shared is a row of `own_due` until it is read back from the log of the self
 * group, so it is sent once there is one, and whatever crashes. Of two devices that change the same thing the later one in the log counts, on all:
 * what arrives for a key that this device has something on its way for is passed over.
 */
import { readSelfItem, revokedMembers, selfItemDraft } from "@sotto/core";
import {
  bytesToHex,
  type Content,
  decodeOwnItems,
  encodeOwnItems,
  LIMITS,
  logId,
  type LogId,
  OWN_ITEMS_TYPE,
  type OwnItem,
  toId,
} from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { sendContent } from "../send/send.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn, setting, sql, textIn } from "../store/statements.ts";
import { ownItemEffects, ownItemKey } from "./own-effects.ts";
import { SNAPSHOT_KEY, snapshotStatements } from "./snapshot.ts";

/** A message of items has room for the largest setting and for MIMI's framing. */
const BATCH_BYTES_MAX = LIMITS.ownSettingBytesMax + 8 * 1024;
/** Time for a caller to store the statements that it got. */
const RECENT_MS = 5_000;

const DUE = "INSERT INTO own_due (key, item) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET item = excluded.item, sent = NULL";
const WAITING =
  "SELECT key, item FROM own_due WHERE sent IS NULL OR sent NOT IN (SELECT local_id FROM outbox) ORDER BY key = 'snapshot' DESC, id LIMIT ?";

/** The log of the self group; of several the one with the lowest id, on all devices. */
export async function selfLog(engine: Pick<Engine, "ports">): Promise<LogId | undefined> {
  const select = "SELECT log FROM conversations WHERE kind = 'self' AND status = 'active' AND trouble IS NULL ORDER BY log LIMIT 1";
  const [row] = await engine.ports.store.all(select);
  return row && toId(logId, bytesIn(row, "log"));
}

export class OwnItems {
  readonly #engine: Engine;
  readonly #held = new Set<string>();
  readonly #recent = new Map<string, number>();
  /** The message that has the latest of a key; none while a later one is still to be sent. */
  readonly #sentBy = new Map<string, string>();
  /** Set by the session: something is to be sent soon. */
  onDue: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async load(): Promise<void> {
    const rows = await this.#engine.ports.store.all("SELECT key FROM own_due");
    const { now } = this.#engine.context;
    for (const [key, at] of this.#recent) if (now - at > RECENT_MS || at > now) this.#recent.delete(key);
    this.#held.clear();
    for (const key of [...rows.map((row) => textIn(row, "key")), ...this.#recent.keys()]) this.#held.add(key);
  }

  /** Takes effect here and goes to the own other devices, with whatever else stands in the transaction. Write them at once. */
  statements(item: OwnItem): Statement[] {
    const key = ownItemKey(item);
    this.#held.add(key);
    this.#sentBy.delete(key);
    this.#recent.set(key, this.#engine.context.now);
    this.onDue();
    const kept = item.kind === "account" ? [setting("is_kept", 0)] : [];
    return [...ownItemEffects(item), ...kept, sql(DUE, key, encodeOwnItems([item]))];
  }

  /** As {@link statements}, by itself. Durable once it resolves, without a connection too. */
  async share(item: OwnItem): Promise<void> {
    await this.#engine.ports.store.write(this.statements(item));
  }

  /** Everything that a device which comes to the account needs to know. */
  snapshot(): Statement[] {
    this.onDue();
    return [sql(DUE, SNAPSHOT_KEY, new Uint8Array())];
  }

  /** What a message of another own device in the self group does here. */
  received(content: Content): Statement[] {
    return this.#itemsOf(content).flatMap((item) => (this.#held.has(ownItemKey(item)) ? [] : ownItemEffects(item)));
  }

  /**
   * A message of this device in the self group was read from the log. Its effects were there from the start; they are repeated, since what arrived
   * shortly before may have been on its way into the store when they were written.
   */
  seen(localId: Uint8Array, content: Content): Statement[] {
    const latest = this.#itemsOf(content).filter((item) => this.#sentBy.get(ownItemKey(item)) === bytesToHex(localId));
    return [...latest.flatMap(ownItemEffects), sql("DELETE FROM own_due WHERE sent = ?", localId)];
  }

  #itemsOf(content: Content): readonly OwnItem[] {
    const carried = readSelfItem(content);
    if (carried?.contentType !== OWN_ITEMS_TYPE) return [];
    const items = decodeOwnItems(carried.bytes);
    return items.ok ? items.value : [];
  }

  /** Puts what is due into the outbox. Whether there was anything. */
  async flush(): Promise<boolean> {
    const engine = this.#engine;
    return engine.serial.run("own items", async () => {
      const log = await selfLog(engine);
      if (log === undefined || (await this.#isOverheard(log))) return false;
      await this.load();
      for (let isAny = false; ; isAny = true) {
        const rows = await engine.ports.store.all(WAITING, [LIMITS.ownItemsMax]);
        const [first] = rows;
        if (first === undefined) return isAny;
        if (first["key"] === SNAPSHOT_KEY) await engine.ports.store.write(await snapshotStatements(engine));
        else
          await this.#send(
            log,
            rows.map((row) => [textIn(row, "key"), bytesIn(row, "item")] as const),
          );
      }
    });
  }

  /** A device that was removed from the account is still in the group, until a commit is seen that takes it out. */
  async #isOverheard(log: LogId): Promise<boolean> {
    return revokedMembers(await this.#engine.conversations.get(log), this.#engine.chains.lookup()).length > 0;
  }

  async #send(log: LogId, rows: readonly (readonly [key: string, item: Uint8Array])[]): Promise<void> {
    const batch: OwnItem[] = [];
    const localId = newLocalId(this.#engine.context);
    const also: Statement[] = [];
    let bytes = 0;
    for (const [key, item] of rows) {
      if (batch.length > 0 && bytes + item.length > BATCH_BYTES_MAX) break;
      bytes += item.length;
      const decoded = decodeOwnItems(item);
      batch.push(...(decoded.ok ? decoded.value : []));
      this.#sentBy.set(key, bytesToHex(localId));
      also.push(sql("UPDATE own_due SET sent = ? WHERE key = ? AND item = ?", localId, key, item));
    }
    const { body } = selfItemDraft({ contentType: OWN_ITEMS_TYPE, bytes: encodeOwnItems(batch) });
    await sendContent(this.#engine, log, { body, also, localId });
  }
}
