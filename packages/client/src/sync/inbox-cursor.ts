/**
 * Where this device is in its inbox: `inbox_next`, the place of the item that it takes next, and the ids of those that it took. The server deletes
 * what is taken, so the first item that it still has is the next one, unless it missed an acknowledgement or was set back to an older state. Then
 * it is read again from there, and what was taken is known by its id.
 */
import type { InboxItem } from "@sotto/protocol";
import { staleKeyPackages } from "../account/key-packages.ts";
import type { Statement, Store } from "../ports.ts";
import { numberIn, setting, sql } from "../store/statements.ts";

/** Backups of a server are not older, as a rule. */
const REMEMBERED_MS = 90 * 86_400_000;

export type InboxBounds = { readonly first: number; readonly head: number };

export async function inboxNext(store: Store): Promise<number> {
  const [row] = await store.all("SELECT value FROM settings WHERE key = 'inbox_next'");
  return row === undefined ? 1 : numberIn(row, "value");
}

/** The server has less than this device took: it also hands out key packages again whose private halves are gone. */
export const isSetBack = ({ head }: InboxBounds, next: number): boolean => head + 1 < next;

export function readFrom(bounds: InboxBounds, next: number): Statement[] {
  return [setting("inbox_next", bounds.first), ...(isSetBack(bounds, next) ? [staleKeyPackages()] : [])];
}

export async function isTaken(store: Store, { itemId }: InboxItem): Promise<boolean> {
  return (await store.all("SELECT 1 FROM inbox_taken WHERE item_id = ?", [itemId])).length > 0;
}

export function passBy({ seq }: InboxItem): Statement {
  return setting("inbox_next", seq + 1);
}

/** Belongs into the transaction with what the item does. */
export function pass(item: InboxItem, now: number): Statement[] {
  return [
    passBy(item),
    sql("INSERT OR IGNORE INTO inbox_taken VALUES (?, ?)", item.itemId, now),
    sql("DELETE FROM inbox_taken WHERE at < ?", now - REMEMBERED_MS),
  ];
}
