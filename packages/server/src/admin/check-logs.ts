/** Checks every log (spec/server.md §Check): segments decode, sequence numbers have no gap, epochs follow, receipts hold, the index agrees. */
import type { DatabaseSync } from "node:sqlite";
import { decodeEntry, type Entry, equalBytes } from "@sotto/protocol";
import { keyOf } from "../log/log-index.ts";
import type { ReceiptOf } from "../log/receipts.ts";
import { decodeSegment, type SegmentRecord } from "../log/segment.ts";
import { bytesAt, numberAt, nullableNumberAt } from "../sqlite/columns.ts";
import type { OnProgress } from "./progress.ts";

export type Finding = {
  readonly kind:
    | "database_damaged"
    | "segment_damaged"
    | "entry_damaged"
    | "log_unknown"
    | "seq_gap"
    | "entry_id_repeated"
    | "epoch_wrong"
    | "receipt_wrong"
    | "index_wrong"
    | "head_wrong"
    | "chain_invalid"
    | "inbox_wrong"
    | "blob_missing"
    | "blob_damaged";
  /** Where: a number of a segment or row, which names nobody. */
  readonly at: number;
};

export type LogCheck = { readonly logs: number; readonly entries: number; readonly segments: number };

type Followed = { first: number; seq: number; epoch: number; number: number | undefined; readonly ids: Set<string> };

type Told = { readonly report: (finding: Finding) => void; readonly onProgress: OnProgress };

export function checkLogs(db: DatabaseSync, receiptOf: ReceiptOf, { report, onProgress }: Told): LogCheck {
  const total = numberAt(db.prepare("SELECT count(*) AS n FROM seg").get() ?? {}, "n");
  const followed = startOfLogs(db);
  const through = numberAt(db.prepare("SELECT through FROM indexed").get() ?? {}, "through");
  const place = db.prepare("SELECT seg, off, len FROM ix WHERE log = ? AND seq = ?");
  const idPlace = db.prepare("SELECT seq FROM ids WHERE log = ? AND id = ?");
  let [segments, entries, indexed] = [0, 0, 0];
  for (const row of db.prepare("SELECT id, blob FROM seg ORDER BY id").iterate()) {
    const seg = numberAt(row, "id");
    segments++;
    onProgress({ part: "logs.db", done: segments, total, unit: "segments" });
    const records = decodedSegment(bytesAt(row, "blob"));
    if (records === undefined) {
      report({ kind: "segment_damaged", at: seg });
      continue;
    }
    for (const record of records) {
      const problem = follow(followed, record, receiptOf);
      if (problem !== undefined) report({ kind: problem, at: seg });
      if (record.type === "create") continue;
      entries++;
      const log = followed.get(keyOf(record.log));
      if (seg > through || log?.number === undefined) continue;
      indexed++;
      const found = place.get(log.number, log.seq);
      const isRight = found !== undefined && numberAt(found, "seg") === seg && numberAt(found, "off") === record.offset;
      const entry = decodeEntry(record.entry);
      const idFound = entry.ok ? idPlace.get(log.number, entry.value.entryId) : undefined;
      if (!isRight || idFound === undefined || numberAt(idFound, "seq") !== log.seq) report({ kind: "index_wrong", at: seg });
    }
  }
  for (const table of ["ix", "ids"]) {
    if (numberAt(db.prepare(`SELECT count(*) AS n FROM ${table}`).get() ?? {}, "n") !== indexed) report({ kind: "index_wrong", at: 0 });
  }
  checkHeads(db, followed, report);
  return { logs: followed.size, entries, segments };
}

function decodedSegment(blob: Uint8Array): SegmentRecord[] | undefined {
  try {
    return decodeSegment(blob);
  } catch {
    return undefined;
  }
}

/** Logs of the table, at their first kept entry; those that are in segments only follow. */
function startOfLogs(db: DatabaseSync): Map<string, Followed> {
  const followed = new Map<string, Followed>();
  const epochAt = db.prepare("SELECT epoch FROM epoch WHERE log = ? AND first_seq <= ? ORDER BY epoch DESC LIMIT 1");
  for (const row of db.prepare("SELECT number, id, first FROM log").iterate()) {
    const [number, first] = [numberAt(row, "number"), numberAt(row, "first")];
    const epoch = numberAt(epochAt.get(number, first) ?? { epoch: 0 }, "epoch");
    followed.set(keyOf(bytesAt(row, "id")), { first, seq: first - 1, epoch, number, ids: new Set() });
  }
  return followed;
}

/** Takes one record into account, which changes `followed`. */
function follow(followed: Map<string, Followed>, record: SegmentRecord, receiptOf: ReceiptOf): Finding["kind"] | undefined {
  const key = keyOf(record.log);
  const log = followed.get(key);
  if (record.type === "create") {
    if (log === undefined) followed.set(key, { first: 1, seq: 0, epoch: record.epoch, number: undefined, ids: new Set() });
    return undefined;
  }
  if (log === undefined) return "log_unknown";
  const decoded = decodeEntry(record.entry);
  if (!decoded.ok) return "entry_damaged";
  const entry = decoded.value;
  const hasGap = entry.seq !== log.seq + 1;
  log.seq = entry.seq;
  const id = keyOf(entry.entryId);
  const isRepeated = log.ids.has(id);
  log.ids.add(id);
  const isWrongEpoch = entry.epoch !== log.epoch || (entry.kind === "handshake") !== (record.next !== undefined);
  if (entry.kind === "handshake") log.epoch = entry.epoch + 1;
  if (hasGap) return "seq_gap";
  if (isRepeated) return "entry_id_repeated";
  if (isWrongEpoch) return "epoch_wrong";
  return hasReceipt(record.log, entry, receiptOf) ? undefined : "receipt_wrong";
}

function hasReceipt(log: SegmentRecord["log"], { seq, acceptedAt, tag, receipt }: Entry, receiptOf: ReceiptOf): boolean {
  return equalBytes(receipt, receiptOf({ log, seq, acceptedAt, tag }));
}

/** The tables lag behind the segments, but never lead. */
function checkHeads(db: DatabaseSync, followed: Map<string, Followed>, report: (finding: Finding) => void): void {
  const isEndOf = db.prepare("SELECT last_seq FROM epoch WHERE log = ? AND epoch = ?");
  for (const row of db.prepare("SELECT number, id, seq, epoch FROM log").iterate()) {
    const log = followed.get(keyOf(bytesAt(row, "id")));
    const [number, seq, epoch] = [numberAt(row, "number"), numberAt(row, "seq"), numberAt(row, "epoch")];
    const current = isEndOf.get(number, epoch);
    const isRight =
      log !== undefined &&
      seq <= log.seq &&
      epoch <= log.epoch &&
      current !== undefined &&
      nullableNumberAt(current, "last_seq") === undefined;
    if (!isRight) report({ kind: "head_wrong", at: number });
  }
}
