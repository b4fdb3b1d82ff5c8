/**
 * Whom this device asked to hand on what it missed, and where it was then (spec/groups.md §History): only they may, for a while, and only so much.
 *
 *   members   of the state as it was then, and whether they might post
 *   anchor    the log that it read then, `cursor` the first entry there that it had not read, `base` as in store/places.ts
 */
import { type Conversation, type DeviceAddress, isPostAllowed, memberAccounts } from "@sotto/core";
import { accountIdToText, type HistoryItem, type LogId } from "@sotto/protocol";
import type { Statement, Store } from "../ports.ts";
import type { Place } from "../store/places.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import { decodeMembers, encodeHeld, encodeMembers, type MightPost } from "./stored-history.ts";

const WINDOW_MS = 7 * 86_400_000;
const DEVICES_MAX = 64;
/** Of one answer, and so of what is taken from one device each time that it is asked; see {@link weightOf}. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
export const ITEM_BYTES = 256;
/** What waits until this device is in again. */
const HELD_OF_DEVICE_MAX = 2 * ANSWER_BYTES_MAX;
const HELD_MAX = 8 * ANSWER_BYTES_MAX;

export type Gap = {
  /** By the text form of the account: whether it might post. */
  readonly members: ReadonlyMap<string, boolean>;
  readonly anchor: Uint8Array;
  readonly cursor: number;
  readonly base: number;
};

/** What an item counts for: its bytes, and something for the work that even an empty one makes. */
export const weightOf = ([content, evidence]: HistoryItem): number => content.length + evidence.length + ITEM_BYTES;

/** Undefined if nobody was asked lately. */
export async function gapOf(store: Store, log: LogId, now: number): Promise<Gap | undefined> {
  const [row] = await store.all("SELECT * FROM history_gaps WHERE log = ? AND at > ?", [log, now - WINDOW_MS]);
  if (row === undefined) return undefined;
  const read = decodeMembers(bytesIn(row, "members"));
  if (!read.ok) return undefined;
  const members = new Map(read.value.map(([account, mightPost]) => [accountIdToText(account), mightPost]));
  return { members, anchor: bytesIn(row, "anchor"), cursor: numberIn(row, "cursor"), base: numberIn(row, "base") };
}

type Asking = {
  readonly place: Place;
  readonly conversation: Conversation;
  readonly to: readonly DeviceAddress[];
  /** Of the log: from which entry on history is asked for. */
  readonly cursor: number;
  readonly now: number;
};

/** What was missed before in the same log is missed still. */
const GAP = `INSERT INTO history_gaps (log, at, members, anchor, cursor, base) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (log) DO UPDATE SET at = excluded.at, members = excluded.members, anchor = excluded.anchor, base = excluded.base,
    cursor = CASE WHEN anchor = excluded.anchor AND at > ? THEN min(cursor, excluded.cursor) ELSE excluded.cursor END`;
const ASKED = "INTO history_asked (log, device, at, bytes) VALUES (?, ?, ?, ?)";

/** Belong into the transaction that asks. */
export function askedStatements({ place, conversation, to, cursor, now }: Asking): Statement[] {
  const { log, anchor, base } = place;
  const members = memberAccounts(conversation).map((account): MightPost => [
    account,
    isPostAllowed(conversation, account, { kind: "text" }),
  ]);
  const old =
    "DELETE FROM history_asked WHERE log = ? AND device NOT IN (SELECT device FROM history_asked WHERE log = ? ORDER BY at DESC LIMIT ?)";
  return [
    sql(GAP, log, now, encodeMembers(members), anchor, cursor, base, now - WINDOW_MS),
    ...to.map(({ device }) => sql(`INSERT OR REPLACE ${ASKED}`, log, device, now, ANSWER_BYTES_MAX)),
    sql(old, log, log, DEVICES_MAX),
  ];
}

/** Whoever's join info is taken counts as asked. */
export function alsoAsked(log: LogId, { device }: DeviceAddress, now: number): Statement {
  return sql(`INSERT OR IGNORE ${ASKED}`, log, device, now, ANSWER_BYTES_MAX);
}

type Note = { readonly by: DeviceAddress; readonly items: readonly HistoryItem[]; readonly now: number };

const HOLD = `INSERT INTO history_held (log, device, items) SELECT ?, ?, ?
  WHERE EXISTS (SELECT 1 FROM history_asked WHERE log = ? AND device = ? AND at > ? AND bytes >= ?)
    AND (SELECT coalesce(sum(length(items)), 0) FROM history_held WHERE log = ? AND device = ?) <= ?
    AND (SELECT coalesce(sum(length(items)), 0) FROM history_held WHERE log = ?) <= ?`;

/** Keeps a note of somebody who was asked; nothing of anybody else. The statements decide, in the transaction that passes the note. */
export function holdStatements(log: LogId, { by: { device }, items, now }: Note): Statement[] {
  const weight = items.reduce((sum, item) => sum + weightOf(item), 0);
  const body = encodeHeld(items);
  return [
    sql(HOLD, log, device, body, log, device, now - WINDOW_MS, weight, log, device, HELD_OF_DEVICE_MAX, log, HELD_MAX),
    sql("UPDATE history_asked SET bytes = bytes - ? WHERE log = ? AND device = ? AND bytes >= ?", weight, log, device, weight),
  ];
}

const ORPHANS = `DELETE FROM traces WHERE role = 'void' AND message_id = target AND log IN (SELECT log FROM history_gaps WHERE at <= ?)
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.message_id = traces.target AND m.log = traces.log)`;

/** What was asked too long ago, with what waited for it. */
export function forgetAsked(now: number): Statement[] {
  const oldest = now - WINDOW_MS;
  return [
    sql(ORPHANS, oldest),
    sql("DELETE FROM history_gaps WHERE at <= ?", oldest),
    sql("DELETE FROM history_asked WHERE at <= ?", oldest),
    sql("DELETE FROM history_held WHERE log NOT IN (SELECT log FROM history_gaps)"),
  ];
}
