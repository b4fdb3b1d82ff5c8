/**
 * The index of the segments (spec/server.md §Logs): which entry of which log lies where. New places stay in memory, the tail, and go to the
 * tables in small chunks sorted by log, inside a commit that happens anyway; bursts of thousands would show in the slowest appends.
 */
import type { DatabaseSync } from "node:sqlite";
import type { CapabilityHashes, LogId } from "@sotto/protocol";
import { numberAt, nullableNumberAt, bytesAt, type Row } from "../sqlite/columns.ts";
import type { EpochState, LogState } from "./log-state.ts";

export type Place = { readonly seq: number; readonly seg: number; readonly off: number; readonly len: number };

export type TailItem =
  | { readonly type: "create"; readonly state: LogState; readonly epoch: number; readonly hashes: CapabilityHashes; readonly seg: number }
  | {
      readonly type: "entry";
      readonly state: LogState;
      readonly place: Place;
      readonly seg: number;
      readonly entryId: string;
      readonly epoch: number;
      readonly acceptedAt: number;
      readonly next: CapabilityHashes | undefined;
    };

/** A byte string as a key of a Map: one character for each byte. */
export function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

type LogTail = {
  places: Place[];
  readonly seqsById: Map<string, number>;
  readonly epochs: Map<number, EpochState>;
};

const CHUNK_ITEMS = 512;
const STATES_MAX = 50_000;

type Statements = ReturnType<typeof prepare>;

const prepare = (db: DatabaseSync) => ({
  logById: db.prepare("SELECT number, id, epoch, seq, first, accepted_at FROM log WHERE id = ?"),
  epoch: db.prepare("SELECT epoch, first_seq, last_seq, read, write FROM epoch WHERE log = ? AND epoch = ?"),
  createdEpoch: db.prepare("SELECT created_epoch FROM log WHERE number = ?"),
  seqById: db.prepare("SELECT seq FROM ids WHERE log = ? AND id = ?"),
  places: db.prepare("SELECT seq, seg, off, len FROM ix WHERE log = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT ?"),
  insertLog: db.prepare("INSERT INTO log VALUES (?, ?, ?, ?, 0, 1, 0)"),
  updateLog: db.prepare("UPDATE log SET epoch = ?, seq = ?, accepted_at = ? WHERE number = ?"),
  insertEpoch: db.prepare("INSERT INTO epoch VALUES (?, ?, ?, NULL, ?, ?)"),
  endEpoch: db.prepare("UPDATE epoch SET last_seq = ? WHERE log = ? AND epoch = ?"),
  insertPlace: db.prepare("INSERT INTO ix VALUES (?, ?, ?, ?, ?)"),
  insertId: db.prepare("INSERT INTO ids VALUES (?, ?, ?)"),
  setThrough: db.prepare("UPDATE indexed SET through = ?"),
});

export class LogIndex {
  readonly #sql: Statements;
  readonly #states = new Map<string, LogState>();
  readonly #tails = new Map<number, LogTail>();
  #items: TailItem[] = [];
  #nextNumber: number;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    const row: Row = db.prepare("SELECT coalesce(max(number), 0) AS number FROM log").get() ?? {};
    this.#nextNumber = numberAt(row, "number") + 1;
  }

  get unindexed(): number {
    return this.#items.length;
  }

  stateOf(id: LogId): LogState | undefined {
    const key = keyOf(id);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const row: Row | undefined = this.#sql.logById.get(id);
    if (row === undefined) return undefined;
    const state: LogState = {
      id,
      number: numberAt(row, "number"),
      epoch: numberAt(row, "epoch"),
      seq: numberAt(row, "seq"),
      first: numberAt(row, "first"),
      acceptedAt: numberAt(row, "accepted_at"),
      current: undefined,
    };
    this.#remember(key, state);
    return state;
  }

  #remember(key: string, state: LogState): void {
    if (this.#states.size >= STATES_MAX) {
      // What has a tail is newer than the tables and has to stay.
      for (const [oldKey, old] of this.#states) {
        if (!this.#tails.has(old.number)) this.#states.delete(oldKey);
        if (this.#states.size < STATES_MAX * 0.9) break;
      }
    }
    this.#states.set(key, state);
  }

  epochOf(state: LogState, epoch: number): EpochState | undefined {
    if (epoch !== state.epoch) return this.#findEpoch(state, epoch);
    state.current ??= this.#findEpoch(state, epoch);
    return state.current;
  }

  #findEpoch(state: LogState, epoch: number): EpochState | undefined {
    const recent = this.#tails.get(state.number)?.epochs.get(epoch);
    if (recent !== undefined) return recent;
    const row: Row | undefined = this.#sql.epoch.get(state.number, epoch);
    if (row === undefined) return undefined;
    return {
      epoch,
      firstSeq: numberAt(row, "first_seq"),
      lastSeq: nullableNumberAt(row, "last_seq"),
      hashes: { read: bytesAt(row, "read"), write: bytesAt(row, "write") },
    };
  }

  /** The epoch with which the log was created. */
  createdEpochOf(state: LogState): EpochState | undefined {
    const row: Row | undefined = this.#sql.createdEpoch.get(state.number);
    const epoch = row === undefined ? this.#createdInTail(state) : numberAt(row, "created_epoch");
    return epoch === undefined ? undefined : this.epochOf(state, epoch);
  }

  #createdInTail(state: LogState): number | undefined {
    for (const item of this.#items) if (item.type === "create" && item.state === state) return item.epoch;
    return undefined;
  }

  seqOfEntry(state: LogState, entryId: Uint8Array): number | undefined {
    const recent = this.#tails.get(state.number)?.seqsById.get(keyOf(entryId));
    if (recent !== undefined) return recent;
    if (state.seq === 0) return undefined;
    const row: Row | undefined = this.#sql.seqById.get(state.number, entryId);
    return row === undefined ? undefined : numberAt(row, "seq");
  }

  /** Where the entries from `from` to `through` lie, at most `count` of them. */
  places(state: LogState, range: { readonly from: number; readonly through: number; readonly count: number }): Place[] {
    const { from, through, count } = range;
    const tail = this.#tails.get(state.number)?.places ?? [];
    const tailFirst = tail[0]?.seq ?? state.seq + 1;
    const found: Place[] = [];
    if (from < tailFirst) {
      for (const row of this.#sql.places.all(state.number, from, Math.min(through, tailFirst - 1), count)) {
        found.push({ seq: numberAt(row, "seq"), seg: numberAt(row, "seg"), off: numberAt(row, "off"), len: numberAt(row, "len") });
      }
    }
    for (let at = Math.max(0, from - tailFirst); at < tail.length && found.length < count; at++) {
      const place = tail[at];
      if (place === undefined || place.seq > through) break;
      found.push(place);
    }
    return found;
  }

  #tailOf(state: LogState): LogTail {
    let tail = this.#tails.get(state.number);
    if (tail === undefined) {
      tail = { places: [], seqsById: new Map(), epochs: new Map() };
      this.#tails.set(state.number, tail);
    }
    return tail;
  }

  addCreate(created: { readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes; readonly seg: number }): LogState {
    const { log, epoch, hashes, seg } = created;
    const state: LogState = { id: log, number: this.#nextNumber++, epoch, seq: 0, first: 1, acceptedAt: 0, current: undefined };
    this.#remember(keyOf(log), state);
    this.#tailOf(state).epochs.set(epoch, { epoch, firstSeq: 1, lastSeq: undefined, hashes });
    this.#items.push({ type: "create", state, epoch, hashes, seg });
    return state;
  }

  /** Appends an entry to the tail and to the state. */
  addEntry(state: LogState, added: Omit<TailItem & { readonly type: "entry" }, "type" | "state" | "seg">): void {
    const { place, entryId, epoch, acceptedAt, next } = added;
    const tail = this.#tailOf(state);
    tail.places.push(place);
    tail.seqsById.set(entryId, place.seq);
    if (next !== undefined) {
      const ended = this.epochOf(state, epoch);
      if (ended !== undefined) tail.epochs.set(epoch, { ...ended, lastSeq: place.seq });
      tail.epochs.set(epoch + 1, { epoch: epoch + 1, firstSeq: place.seq + 1, lastSeq: undefined, hashes: next });
      state.epoch = epoch + 1;
      state.current = undefined;
    }
    state.seq = place.seq;
    state.acceptedAt = acceptedAt;
    this.#items.push({ type: "entry", state, place, seg: place.seg, entryId, epoch, acceptedAt, next });
  }

  /** Writes the oldest part of the tail into the tables. The caller holds a transaction; {@link forgetChunk} follows its commit. */
  writeChunk(itemsMin: number = CHUNK_ITEMS): number {
    let count = Math.min(itemsMin, this.#items.length);
    const lastSeg = this.#items[count - 1]?.seg;
    if (lastSeg === undefined) return 0;
    while (count < this.#items.length && this.#items[count]?.seg === lastSeg) count++;
    const chunk = this.#items.slice(0, count);
    chunk.sort((a, b) => a.state.number - b.state.number || seqOf(a) - seqOf(b));
    for (const [at, item] of chunk.entries()) this.#writeItem(item, chunk[at + 1]?.state !== item.state);
    this.#sql.setThrough.run(lastSeg);
    return count;
  }

  #writeItem(item: TailItem, isLastOfLog: boolean): void {
    const { number } = item.state;
    if (item.type === "create") {
      this.#sql.insertLog.run(number, item.state.id, item.epoch, item.epoch);
      this.#sql.insertEpoch.run(number, item.epoch, 1, item.hashes.read, item.hashes.write);
      return;
    }
    const { place, epoch, next } = item;
    this.#sql.insertPlace.run(number, place.seq, place.seg, place.off, place.len);
    this.#sql.insertId.run(number, Buffer.from(item.entryId, "latin1"), place.seq);
    if (next !== undefined) {
      this.#sql.endEpoch.run(place.seq, number, epoch);
      this.#sql.insertEpoch.run(number, epoch + 1, place.seq + 1, next.read, next.write);
    }
    if (isLastOfLog) this.#sql.updateLog.run(next === undefined ? epoch : epoch + 1, place.seq, item.acceptedAt, number);
  }

  /** After the commit of a chunk: drops it from the tail. */
  forgetChunk(count: number): void {
    const lastGone = new Map<LogState, number>();
    for (const item of this.#items.splice(0, count)) {
      lastGone.set(item.state, seqOf(item));
      const tail = this.#tails.get(item.state.number);
      if (tail === undefined || item.type === "create") continue;
      tail.seqsById.delete(item.entryId);
      if (item.next !== undefined) tail.epochs.delete(item.epoch);
    }
    for (const [state, through] of lastGone) {
      const tail = this.#tails.get(state.number);
      if (tail === undefined) continue;
      tail.places = tail.places.filter((place) => place.seq > through);
      if (tail.places.length === 0) this.#tails.delete(state.number);
    }
  }

  clear(): void {
    this.#states.clear();
    this.#tails.clear();
    this.#items = [];
  }
}

function seqOf(item: TailItem): number {
  return item.type === "create" ? 0 : item.place.seq;
}
