/** Device inboxes in SQLite (spec/server.md §Inboxes). */
import type { DatabaseSync } from "node:sqlite";
import { encodeInboxItem, LIMITS, type DeviceId } from "@sotto/protocol";
import { ServerError } from "../server-error.ts";
import { bytesAt, numberAt } from "../sqlite/columns.ts";
import type { GroupCommit } from "../sqlite/group-commit.ts";
import type { DevicePlace } from "./account-store.ts";
import type { Delivered, Delivery, InboxBounds, InboxPart, InboxStore } from "./inbox-store.ts";

const DAY_MS = 86_400_000;

const prepare = (db: DatabaseSync) => ({
  account: db.prepare("SELECT number FROM account WHERE id = ?"),
  inbox: db.prepare("SELECT number, head, first FROM inbox WHERE account = ? AND device = ?"),
  insertInbox: db.prepare("INSERT INTO inbox (account, device, head, first) VALUES (?, ?, 0, 1)"),
  setHead: db.prepare("UPDATE inbox SET head = ? WHERE number = ?"),
  setFirst: db.prepare("UPDATE inbox SET first = ? WHERE number = ?"),
  insertItem: db.prepare("INSERT INTO inbox_item (inbox, seq, bytes, stranger_bytes) VALUES (?, ?, ?, ?)"),
  ofStrangers: db.prepare(
    "SELECT count(*) AS items, coalesce(sum(stranger_bytes), 0) AS bytes FROM inbox_item WHERE inbox = ? AND stranger_bytes > 0",
  ),
  items: db.prepare("SELECT seq, bytes FROM inbox_item WHERE inbox = ? AND seq >= ? ORDER BY seq LIMIT ?"),
  dropItems: db.prepare("DELETE FROM inbox_item WHERE inbox = ? AND seq <= ?"),
  seen: db.prepare("SELECT 1 FROM inbox_seen WHERE inbox = ? AND item_id = ?"),
  insertSeen: db.prepare("INSERT INTO inbox_seen VALUES (?, ?, ?)"),
  dropSeen: db.prepare("DELETE FROM inbox_seen WHERE day < ?"),
});

type Inbox = { readonly number: number; readonly head: number; readonly first: number };

export class SqliteInboxStore implements InboxStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #commit: GroupCommit;

  constructor(database: DatabaseSync, commit: GroupCommit) {
    this.#sql = prepare(database);
    this.#commit = commit;
  }

  #accountNumber({ account }: Pick<DevicePlace, "account">): number {
    const row = this.#sql.account.get(account);
    if (row === undefined) throw new ServerError("account_unknown");
    return numberAt(row, "number");
  }

  #find(account: number, device: DeviceId): Inbox | undefined {
    const row = this.#sql.inbox.get(account, device);
    return row && { number: numberAt(row, "number"), head: numberAt(row, "head"), first: numberAt(row, "first") };
  }

  #findOrMake(account: number, device: DeviceId): Inbox {
    const found = this.#find(account, device);
    if (found !== undefined) return found;
    const { lastInsertRowid } = this.#sql.insertInbox.run(account, device);
    return { number: Number(lastInsertRowid), head: 0, first: 1 };
  }

  deliver(delivery: Delivery): Promise<readonly Delivered[]> {
    return this.#commit.run(() => {
      const account = this.#accountNumber(delivery);
      return delivery.devices.map((device) => this.#deliverTo(this.#findOrMake(account, device), device, delivery));
    });
  }

  #deliverTo(inbox: Inbox, device: DeviceId, { itemId, lane, body, at }: Delivery): Delivered {
    if (this.#sql.seen.get(inbox.number, itemId) !== undefined) return { device, outcome: "duplicate", item: undefined };
    const seq = inbox.head + 1;
    const bytes = encodeInboxItem({ seq, acceptedAt: at, itemId, lane, body });
    const strangerBytes = lane === "stranger" ? bytes.length : 0;
    if (!this.#hasRoom(inbox, strangerBytes)) return { device, outcome: "inbox_full", item: undefined };
    this.#sql.insertItem.run(inbox.number, seq, bytes, strangerBytes);
    this.#sql.insertSeen.run(inbox.number, itemId, Math.floor(at / DAY_MS));
    this.#sql.setHead.run(seq, inbox.number);
    return { device, outcome: "delivered", item: { seq, bytes } };
  }

  /** Each lane has room of its own: `strangerBytes` is 0 for a contact. */
  #hasRoom({ number, head, first }: Inbox, strangerBytes: number): boolean {
    const isStranger = strangerBytes > 0;
    // Few items of both lanes: no need to count.
    if (!isStranger && head - first + 1 < LIMITS.inboxItemsMax) return true;
    const row = this.#sql.ofStrangers.get(number) ?? {};
    const [items, bytes] = [numberAt(row, "items"), numberAt(row, "bytes")];
    if (!isStranger) return head - first + 1 - items < LIMITS.inboxItemsMax;
    return items < LIMITS.inboxStrangerItemsMax && bytes + strangerBytes <= LIMITS.inboxStrangerBytesMax;
  }

  bounds(place: DevicePlace): Promise<InboxBounds> {
    const inbox = this.#find(this.#accountNumber(place), place.device);
    const { first, head } = inbox ?? { first: 1, head: 0 };
    return Promise.resolve({ first, head, items: head - first + 1 });
  }

  read(place: DevicePlace, { from, bytesMax }: { readonly from: number; readonly bytesMax: number }): Promise<InboxPart> {
    const inbox = this.#find(this.#accountNumber(place), place.device);
    const items: Uint8Array[] = [];
    let next = Math.max(from, inbox?.first ?? 1);
    let bytes = 0;
    if (inbox === undefined) return Promise.resolve({ items, next });
    for (const row of this.#sql.items.iterate(inbox.number, next, LIMITS.entriesPerBatchMax)) {
      const item = bytesAt(row, "bytes");
      if (items.length > 0 && bytes + item.length > bytesMax) break;
      items.push(item);
      bytes += item.length;
      next = numberAt(row, "seq") + 1;
    }
    return Promise.resolve({ items, next });
  }

  acknowledge(place: DevicePlace, through: number): Promise<void> {
    return this.#commit.runFreeing(() => {
      const inbox = this.#find(this.#accountNumber(place), place.device);
      if (inbox === undefined) return;
      const last = Math.min(through, inbox.head);
      if (last < inbox.first) return;
      this.#sql.dropItems.run(inbox.number, last);
      this.#sql.setFirst.run(last + 1, inbox.number);
    });
  }

  forgetIds(beforeDay: number): Promise<void> {
    return this.#commit.runFreeing(() => {
      this.#sql.dropSeen.run(beforeDay);
    });
  }
}
