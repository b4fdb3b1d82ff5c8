/**
 * Where a conversation's entries are (spec/client-store.md §Places). What the rest of the engine calls `log` is the conversation's name on this
 * device and stays; the log at the server may change when the conversation is repaired.
 *
 *   anchor       the log at the server that has its entries now
 *   base         what is added to a sequence number of that log for a place in the timeline, which only grows
 *   epochFirst   the first entry of the present epoch
 *   lastEntry    the entry before the cursor: a server that has another one there is not where it was
 *   openedEpoch  the last epoch that the server has let this device read
 *   repair       what it waits for: `rejoin`, with the time of the last attempt and how many there were, or `rest`, until the time `repairAt`
 */
import { type EntryId, entryId, logId, type LogId, toId } from "@sotto/protocol";
import type { Row, Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, optionalBytes, optionalNumber, sql } from "./statements.ts";

export type Place = {
  readonly log: LogId;
  readonly groupId: Uint8Array;
  readonly anchor: LogId;
  readonly base: number;
  readonly epochFirst: number;
  readonly lastEntry: EntryId | undefined;
  readonly openedEpoch: number;
  readonly isRejoining: boolean;
  readonly isResting: boolean;
  readonly repairAt: number;
  readonly repairTries: number;
};

function placeFrom(row: Row): Place {
  const last = optionalBytes(row, "last_entry");
  return {
    log: toId(logId, bytesIn(row, "log")),
    groupId: bytesIn(row, "group_id"),
    anchor: toId(logId, bytesIn(row, "anchor")),
    base: numberIn(row, "base"),
    epochFirst: numberIn(row, "epoch_first"),
    lastEntry: last && toId(entryId, last),
    openedEpoch: numberIn(row, "opened_epoch"),
    isRejoining: row["repair"] === "rejoin",
    isResting: row["repair"] === "rest",
    repairAt: numberIn(row, "repair_at"),
    repairTries: numberIn(row, "repair_tries"),
  };
}

export async function allPlaces(store: Store): Promise<Place[]> {
  return (await store.all("SELECT * FROM places")).map(placeFrom);
}

export async function placeOf(store: Store, log: LogId): Promise<Place | undefined> {
  const [row] = await store.all("SELECT * FROM places WHERE log = ?", [log]);
  return row && placeFrom(row);
}

export async function placeOfGroup(store: Store, groupId: Uint8Array): Promise<Place | undefined> {
  const [row] = await store.all("SELECT * FROM places WHERE group_id = ?", [groupId]);
  return row && placeFrom(row);
}

/** For a conversation that is stored for the first time, or anew. */
export function firstPlace(log: LogId, groupId: Uint8Array, anchor: LogId): Statement {
  const insert = "INSERT INTO places (log, group_id, anchor) VALUES (?, ?, ?) ON CONFLICT (log) DO NOTHING";
  return sql(insert, log, groupId, anchor);
}

/** The last place in the timeline that is taken: by a row, or by an entry that was read. The same on all devices that have read as far. */
export async function timelineEnd(store: Store, { log, base }: Pick<Place, "log" | "base">): Promise<number> {
  const select =
    "SELECT coalesce(max(seq), 0) AS top, (SELECT cursor FROM conversations WHERE log = ?) AS cursor FROM messages WHERE log = ?";
  const [row] = await store.all(select, [log, log]);
  return row === undefined ? 0 : Math.max(numberIn(row, "top"), base + (optionalNumber(row, "cursor") ?? 1) - 1);
}

export type Move = {
  readonly anchor: LogId;
  /** The entry that is read next, and the first of its epoch. */
  readonly cursor: number;
  readonly epochFirst: number;
  readonly timelineEnd: number;
};

/** Reads on elsewhere: in another log, or again from an earlier entry. What is read then stands behind what the timeline has. */
export function moveTo(place: Place, { anchor, cursor, epochFirst, timelineEnd: end }: Move): Statement[] {
  const base = Math.max(place.base, end + 1 - cursor);
  const update =
    "UPDATE places SET anchor = ?, base = ?, epoch_first = ?, last_entry = NULL, repair = NULL, repair_at = 0, repair_tries = 0 WHERE log = ?";
  return [
    sql(update, anchor, base, epochFirst, place.log),
    sql("UPDATE conversations SET cursor = ?, trouble = NULL WHERE log = ?", cursor, place.log),
  ];
}

/** The cursor behind an entry. */
export function advance(log: LogId, entry: { readonly seq: number; readonly entryId: EntryId }): Statement[] {
  return [
    sql("UPDATE conversations SET cursor = ? WHERE log = ?", entry.seq + 1, log),
    sql("UPDATE places SET last_entry = ? WHERE log = ?", entry.entryId, log),
  ];
}
