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
  deviceId,
  type DeviceId,
  encodeOwnItems,
  equalBytes,
  LIMITS,
  logId,
  type LogId,
  OWN_ITEMS_TYPE,
  type OwnItem,
  type OwnItems as Items,
  toId,
} from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { sendContent } from "../send/send.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn, optionalBytes, setting, sql, textIn } from "../store/statements.ts";
import { ownItemEffects, ownItemKey } from "./own-effects.ts";
import { isPart, isSnapshot, snapshotDue, snapshotStatements } from "./snapshot.ts";

/** A message of items has room for the largest setting and for MIMI's framing. */
const BATCH_BYTES_MAX = LIMITS.ownSettingBytesMax + 8 * 1024;
/** A message brings an archived conversation back, and may have come before the setting was read back. */
const isPassing = (item: OwnItem): boolean => item.kind === "setting" && item.key === "archived";

/** Time for a caller to store the statements that it got. */
const RECENT_MS = 5_000;

const DUE = "INSERT INTO own_due (key, item) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET item = excluded.item, sent = NULL";
const WAITING = "SELECT key, item FROM own_due WHERE sent IS NULL OR sent NOT IN (SELECT local_id FROM outbox) ORDER BY id LIMIT ?";

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
  /** Keys that were heard of since this device came to the account or was started: a snapshot knows no better. */
  readonly #heard = new Set<string>();
  /** Set by the session: something is to be sent soon. */
  onDue: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async load(): Promise<void> {
    const rows = await this.#engine.ports.store.all("SELECT key, sent FROM own_due");
    const { now } = this.#engine.context;
    for (const [key, at] of this.#recent) if (now - at > RECENT_MS || at > now) this.#recent.delete(key);
    for (const row of rows) {
      const [key, sent] = [textIn(row, "key"), optionalBytes(row, "sent")];
      if (sent !== undefined && !this.#recent.has(key)) this.#sentBy.set(key, bytesToHex(sent));
    }
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
    return [...ownItemEffects(item), ...kept, sql(DUE, key, encodeOwnItems({ for: undefined, items: [item] }))];
  }

  /** As {@link statements}, by itself. Durable once it resolves, without a connection too. */
  async share(item: OwnItem): Promise<void> {
    await this.#engine.ports.store.write(this.statements(item));
  }

  /** Everything that devices which come to the account need to know. */
  snapshot(devices: readonly DeviceId[]): Statement[] {
    this.onDue();
    return devices.map((device) => {
      const { key, item } = snapshotDue(device);
      return sql(DUE, key, item);
    });
  }

  /** What a message of another own device in the self group does here. */
  received(content: Content): Statement[] {
    const { for: device, items } = itemsOf(content);
    if (device !== undefined && !equalBytes(device, this.#engine.self.id)) return [];
    return items.flatMap((item) => {
      const key = ownItemKey(item);
      if (this.#held.has(key) || (device !== undefined && this.#heard.has(key))) return [];
      this.#heard.add(key);
      return ownItemEffects(item);
    });
  }

  /**
   * A message of this device in the self group was read from the log. Its effects were there from the start; they are repeated, since what arrived
   * shortly before may have been on its way into the store when they were written.
   */
  seen(localId: Uint8Array, content: Content): Statement[] {
    const { for: device, items } = itemsOf(content);
    const by = bytesToHex(localId);
    const latest = device === undefined ? items.filter((item) => this.#sentBy.get(ownItemKey(item)) === by) : [];
    for (const key of latest.map(ownItemKey)) for (const keys of [this.#held, this.#recent, this.#sentBy]) keys.delete(key);
    const again = latest.filter((item) => !isPassing(item));
    return [...again.flatMap(ownItemEffects), sql("DELETE FROM own_due WHERE sent = ?", localId)];
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
        const due = rows.map((row): DueRow => [textIn(row, "key"), bytesIn(row, "item")]);
        const [key, item] = [textIn(first, "key"), bytesIn(first, "item")];
        if (isSnapshot(key)) await engine.ports.store.write(await snapshotStatements(engine, key, toId(deviceId, item)));
        else await (isPart(key) ? this.#sendBytes(log, item, [[key, item]]) : this.#send(log, due));
      }
    });
  }

  /** A device that was removed from the account is still in the group, until a commit is seen that takes it out. */
  async #isOverheard(log: LogId): Promise<boolean> {
    return revokedMembers(await this.#engine.conversations.get(log), this.#engine.chains.lookup()).length > 0;
  }

  /** As many as fit into one message. */
  async #send(log: LogId, rows: readonly DueRow[]): Promise<void> {
    const items: OwnItem[] = [];
    const taken: DueRow[] = [];
    let bytes = 0;
    for (const [key, item] of rows) {
      if (isSnapshot(key) || isPart(key) || (taken.length > 0 && bytes + item.length > BATCH_BYTES_MAX)) break;
      bytes += item.length;
      const decoded = decodeOwnItems(item);
      items.push(...(decoded.ok ? decoded.value.items : []));
      taken.push([key, item]);
    }
    await this.#sendBytes(log, encodeOwnItems({ for: undefined, items }), taken);
  }

  async #sendBytes(log: LogId, bytes: Uint8Array, rows: readonly DueRow[]): Promise<void> {
    const localId = newLocalId(this.#engine.context);
    for (const [key] of rows) this.#sentBy.set(key, bytesToHex(localId));
    const also = rows.map(([key, item]) => sql("UPDATE own_due SET sent = ? WHERE key = ? AND item = ?", localId, key, item));
    const { body } = selfItemDraft({ contentType: OWN_ITEMS_TYPE, bytes });
    await sendContent(this.#engine, log, { body, also, localId });
  }
}

type DueRow = readonly [key: string, item: Uint8Array];

function itemsOf(content: Content): Items {
  const carried = readSelfItem(content);
  const items = carried?.contentType === OWN_ITEMS_TYPE ? decodeOwnItems(carried.bytes) : undefined;
  return items?.ok === true ? items.value : { for: undefined, items: [] };
}
