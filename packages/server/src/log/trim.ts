/**
 * Retention (spec/server.md §Retention): segments older than the limit go, with their places, a few at a time. A log keeps its head and its
 * capability hashes, so that sequence numbers and epochs go on.
 */
import type { DatabaseSync } from "node:sqlite";
import { decodeEntry, expectSuccess } from "@sotto/protocol";
import { bytesAt, numberAt } from "../sqlite/columns.ts";
import type { LogIndex } from "./log-index.ts";
import type { LogState } from "./log-state.ts";
import type { SegmentCache } from "./segment-cache.ts";
import { decodeSegment } from "./segment.ts";

const SEGMENTS_PER_STEP = 16;

export type Trimmable = { readonly db: DatabaseSync; readonly index: LogIndex; readonly cache: SegmentCache };

/** One step; whether another one is needed. */
export function trimLogs({ db, index, cache }: Trimmable, before: number): boolean {
  const old = db
    .prepare("SELECT id, blob FROM seg WHERE id <= (SELECT through FROM indexed) ORDER BY id LIMIT ?")
    .all(SEGMENTS_PER_STEP)
    .map((row) => ({ id: numberAt(row, "id"), blob: bytesAt(row, "blob") }));
  const at = db.prepare("SELECT at FROM seg WHERE id = ?");
  const firsts = new Map<LogState, number>();
  let count = 0;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const { id, blob } of old) {
      // Segments follow each other in time; the first one that is young enough ends the step.
      if (numberAt(at.get(id) ?? {}, "at") >= before) break;
      forgetSegment(db, { id, blob }, { index, firsts });
      count++;
    }
    const setFirst = db.prepare("UPDATE log SET first = ? WHERE number = ?");
    for (const [state, first] of firsts) setFirst.run(first, state.number);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  for (const { id } of old.slice(0, count)) cache.forget(id);
  for (const [state, first] of firsts) state.first = first;
  return count === SEGMENTS_PER_STEP;
}

type Segment = { readonly id: number; readonly blob: Uint8Array };

function forgetSegment(
  db: DatabaseSync,
  { id, blob }: Segment,
  found: { readonly index: LogIndex; readonly firsts: Map<LogState, number> },
): void {
  const deletePlace = db.prepare("DELETE FROM ix WHERE log = ? AND seq = ?");
  const deleteId = db.prepare("DELETE FROM ids WHERE log = ? AND id = ?");
  for (const record of decodeSegment(blob)) {
    if (record.type === "create") continue;
    const state = found.index.stateOf(record.log);
    if (state === undefined) continue;
    const { seq, entryId } = expectSuccess(decodeEntry(record.entry));
    deletePlace.run(state.number, seq);
    deleteId.run(state.number, entryId);
    found.firsts.set(state, seq + 1);
  }
  db.prepare("DELETE FROM seg WHERE id = ?").run(id);
}
