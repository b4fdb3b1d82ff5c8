/**
 * A whole state as one byte string.
 *
 *   uint8[4] "MLSs"; uint16 version; Record records<V> by ascending key;  Record: opaque key<V> (ASCII); opaque value<V>
 *
 * One state has one encoding. It holds every secret of the member: encrypt it before it is stored.
 */
import { ascii, equalBytes } from "../bytes.ts";
import { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import type { GroupState } from "../group/state.ts";
import { attempt, check, failure, type Outcome, Reject } from "../outcome.ts";
import { stateFromRecords } from "./load.ts";
import { stateDelta, type StateRecord } from "./records.ts";

const MAGIC = ascii("MLSs");
/** About as many as a gigabyte holds. */
const RECORDS_MAX = 1 << 24;

/** The version that is written. */
export const SNAPSHOT_VERSION = 1;

/** A step from the records of one version to those of the next. */
export type Migration = (records: readonly StateRecord[]) => readonly StateRecord[];

/** `migrations[v]` leads from version v to v + 1. The first version has none before it. */
const migrations: Readonly<Record<number, Migration>> = {};

function byKey([a]: StateRecord, [b]: StateRecord): number {
  return a < b ? -1 : 1;
}

/** Throws RangeError for a state that no snapshot can hold: more than a gigabyte, nearly all of it keys of skipped messages. */
export function encodeState(state: GroupState): Uint8Array {
  const records = stateDelta(undefined, state).put.toSorted(byKey);
  const writer = new Writer(4096).raw(MAGIC).u16(SNAPSHOT_VERSION);
  const encoded = attempt(() => writer.vector(records, (w, [key, value]) => w.opaque(ascii(key)).opaque(value)).finish());
  if (!encoded.ok || records.length > RECORDS_MAX) throw new RangeError("the state is too large for a snapshot");
  return encoded.value;
}

function readRecord(reader: Reader): StateRecord {
  const key = reader.opaque(255);
  check(
    key.every((byte) => byte > 0x20 && byte < 0x7f),
    "invalid_snapshot",
  );
  return [String.fromCharCode(...key), reader.opaque()];
}

function readSnapshot(bytes: Uint8Array): { readonly version: number; readonly records: readonly StateRecord[] } {
  const reader = new Reader(bytes, Number.POSITIVE_INFINITY);
  check(bytes.length >= 6 && equalBytes(reader.raw(4), MAGIC), "invalid_snapshot");
  const version = reader.u16();
  const records = reader.vector(readRecord, RECORDS_MAX);
  check(reader.remaining === 0, "invalid_snapshot");
  for (let i = 1; i < records.length; i++) check((records[i]?.[0] ?? "") > (records[i - 1]?.[0] ?? ""), "invalid_snapshot");
  return { version, records };
}

/** Brings records up to date, one version at a time. Throws Reject for a version that no path leads from. */
export function migrate(
  records: readonly StateRecord[],
  from: number,
  steps: Readonly<Record<number, Migration>> = migrations,
): readonly StateRecord[] {
  check(from <= SNAPSHOT_VERSION, "snapshot_version");
  let current = records;
  for (let version = from; version < SNAPSHOT_VERSION; version++) {
    const step = steps[version];
    if (step === undefined) throw new Reject("invalid_snapshot");
    current = step(current);
  }
  return current;
}

/** Fails with `snapshot_version` for a newer version and `invalid_snapshot` for anything damaged or not canonical. */
export function decodeState(bytes: Uint8Array): Outcome<GroupState> {
  const records = attempt(() => {
    const { version, records: read } = readSnapshot(bytes);
    return migrate(read, version);
  });
  if (records.ok) return stateFromRecords(records.value);
  return records.code === "snapshot_version" ? records : failure("invalid_snapshot");
}
