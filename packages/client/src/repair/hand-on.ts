/** What this device hands on to one that missed it, as notes to its inbox, each with as much as fits (spec/groups.md §History). */
import type { DeviceAddress } from "@sotto/core";
import { type HistoryItem, LIMITS, type LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { memberSince } from "../groups/member-since.ts";
import type { Row, Statement, Store } from "../ports.ts";
import type { Place } from "../store/places.ts";
import { bytesIn, numberIn } from "../store/statements.ts";
import { ANSWER_BYTES_MAX, ITEM_BYTES, weightOf } from "./asked.ts";
import { noteLane } from "../send/lane-names.ts";
import { noteStatements } from "./notes.ts";

const NOTE_BYTES_MAX = 160 * 1024;
/** Of messages, and of what changed them. */
const ITEMS_MAX = 2_000;
/** Notes of a conversation that did not leave yet; with more, who asks gets no history. */
const WAITING_MAX = 128;

type Missed = { readonly place: Place; readonly to: DeviceAddress; readonly from: number };

/** An edited message is there as it was at first, followed by its last edit. */
const missed = (columns: string): string => `SELECT * FROM (
    SELECT seq, ${columns} FROM messages
      WHERE log = ? AND seq >= ? AND evidence IS NOT NULL AND content IS NOT NULL AND edited_at IS NULL AND kind <> 'deleted' ORDER BY seq DESC LIMIT ?
  ) UNION ALL SELECT * FROM (
    SELECT seq, ${columns} FROM traces WHERE log = ? AND seq >= ? AND role <> 'void' ORDER BY seq DESC LIMIT ?
  ) ORDER BY seq DESC`;
const [SIZES, ITEMS] = [missed("length(content) + length(evidence) AS bytes"), missed("content, evidence")];

/** What the timeline has from a place on, but nothing from before its reader came: the last of it. */
export async function historyStatements(engine: Engine, { place, to, from }: Missed): Promise<Statement[]> {
  const { store } = engine.ports;
  const { log, groupId } = place;
  const [waiting] = await store.all("SELECT count(*) AS notes FROM outbox WHERE lane = ?", [noteLane(log)]);
  if (waiting === undefined || numberIn(waiting, "notes") > WAITING_MAX) return [];
  const first = Math.max(from, await memberSince(store, log, to.account));
  const fitting = await fittingFrom(store, log, first);
  const rows = fitting === undefined ? [] : await store.all(ITEMS, [log, fitting, ITEMS_MAX, log, fitting, ITEMS_MAX]);
  const statements: Statement[] = [];
  for (const messages of packed(rows)) {
    statements.push(...(await noteStatements(engine, log, { to: [to], note: { kind: "history" as const, groupId, messages } })));
  }
  return statements;
}

/** From which place on all fits into an answer. What does not is not even read. */
async function fittingFrom(store: Store, log: LogId, first: number): Promise<number | undefined> {
  let [from, all]: [number | undefined, number] = [undefined, 0];
  for (const row of await store.all(SIZES, [log, first, ITEMS_MAX, log, first, ITEMS_MAX])) {
    all += numberIn(row, "bytes") + ITEM_BYTES;
    if (all > ANSWER_BYTES_MAX) break;
    from = numberIn(row, "seq");
  }
  return from;
}

/** From newest first to oldest first, in pieces. */
function packed(rows: readonly Row[]): HistoryItem[][] {
  const notes: HistoryItem[][] = [];
  let [all, bytes] = [0, Number.POSITIVE_INFINITY];
  for (const row of rows) {
    const item: HistoryItem = [bytesIn(row, "content"), bytesIn(row, "evidence")];
    const size = weightOf(item);
    all += size;
    if (all > ANSWER_BYTES_MAX) break;
    if (bytes + size > NOTE_BYTES_MAX || (notes.at(-1)?.length ?? 0) >= LIMITS.historyItemsMax) {
      notes.push([]);
      bytes = 0;
    }
    notes.at(-1)?.push(item);
    bytes += size;
  }
  return notes.toReversed().map((items) => items.toReversed());
}
