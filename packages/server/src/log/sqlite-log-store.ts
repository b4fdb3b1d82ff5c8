/**
 * Logs in SQLite (spec/server.md §Logs): decides, writes and answers what came in during one turn of the event loop with one commit.
 */
import type { DatabaseSync } from "node:sqlite";
import {
  type AppendRequest,
  type AppendResult,
  decodeEntry,
  encodeEntry,
  equalBytes,
  expectSuccess,
  failure,
  LIMITS,
  type LogId,
  type Outcome,
  success,
} from "@sotto/protocol";
import { ServerError } from "../server-error.ts";
import { bytesAt, numberAt, type Row } from "../sqlite/columns.ts";
import { storeError } from "../sqlite/database.ts";
import { runtimeTimers, type Timers } from "../timers.ts";
import { isTokenOf } from "./capabilities.ts";
import { keyOf, LogIndex } from "./log-index.ts";
import { decideAppend, type EpochState, type LogState } from "./log-state.ts";
import type { Access, Committed, CreateLog, EntriesRead, LogStore, Opened, ReadEntries } from "./log-store.ts";
import type { ReceiptOf } from "./receipts.ts";
import { SegmentCache } from "./segment-cache.ts";
import { decodeSegment, SegmentBuilder } from "./segment.ts";
import { trimLogs } from "./trim.ts";

const SEGMENT_BYTES = 64 * 1024;
/** From here on a commit takes a chunk of the index along. */
const UNINDEXED_MAX = 1_024;
const IDLE_MS = 100;

export type SqliteLogStoreOptions = {
  readonly database: DatabaseSync;
  readonly receiptOf: ReceiptOf;
  readonly now: () => number;
  /** Throws when nothing is to be written, such as on a full disk. */
  readonly mayWrite?: () => void;
  readonly timers?: Timers;
  readonly onCommit?: (facts: { readonly entries: number; readonly bytes: number; readonly seconds: number }) => void;
};

type Job = { readonly decide: (flush: Flush) => () => void; readonly reject: (error: unknown) => void };

/** What one commit gathers. */
type Flush = {
  readonly segments: { readonly id: number; readonly builder: SegmentBuilder }[];
  readonly committed: Map<LogState, Gathered[]>;
  readonly at: number;
};
type Gathered = { readonly log: LogId; readonly epoch: number; readonly entries: Uint8Array[]; lastSeq: number; endsEpoch: boolean };

export class SqliteLogStore implements LogStore {
  readonly #options: SqliteLogStoreOptions;
  readonly #timers: Timers;
  readonly #db: DatabaseSync;
  readonly #index: LogIndex;
  readonly #cache: SegmentCache;
  readonly #insertSegment;
  #queue: Job[] = [];
  #scheduled = false;
  #cancelIdle: (() => void) | undefined;
  #nextSegment = 1;
  /** Whether something was committed since the index was looked after. */
  #isBusy = false;
  #failure: ServerError | undefined;
  #listener: (batch: readonly Committed[]) => void = () => undefined;

  constructor(options: SqliteLogStoreOptions) {
    this.#options = options;
    this.#timers = options.timers ?? runtimeTimers;
    this.#db = options.database;
    this.#index = new LogIndex(this.#db);
    this.#cache = new SegmentCache(this.#db);
    this.#insertSegment = this.#db.prepare("INSERT INTO seg VALUES (?, ?, ?)");
    this.#replay();
  }

  onCommitted(listener: (batch: readonly Committed[]) => void): void {
    this.#listener = listener;
  }

  /** Takes up what is in segments and not in the tables, after a start and after a failed commit. */
  #replay(): void {
    this.#index.clear();
    const through = numberAt(this.#db.prepare("SELECT through FROM indexed").get() ?? {}, "through");
    let last = through;
    for (const row of this.#db.prepare("SELECT id, blob FROM seg WHERE id > ? ORDER BY id").iterate(through)) {
      last = numberAt(row, "id");
      this.#replaySegment(last, bytesAt(row, "blob"));
    }
    const newest: Row = this.#db.prepare("SELECT coalesce(max(id), 0) AS id FROM seg").get() ?? {};
    this.#nextSegment = Math.max(last, numberAt(newest, "id")) + 1;
  }

  #replaySegment(seg: number, blob: Uint8Array): void {
    for (const record of decodeSegment(blob)) {
      if (record.type === "create") {
        this.#index.addCreate({ log: record.log, epoch: record.epoch, hashes: record.hashes, seg });
        continue;
      }
      const entry = expectSuccess(decodeEntry(record.entry));
      const state = this.#index.stateOf(record.log);
      if (state === undefined || state.seq + 1 !== entry.seq) throw new ServerError("store_damaged");
      this.#index.addEntry(state, {
        place: { seq: entry.seq, seg, off: record.offset, len: record.entry.length },
        entryId: keyOf(entry.entryId),
        epoch: entry.epoch,
        acceptedAt: entry.acceptedAt,
        next: record.next,
      });
    }
  }

  create(request: CreateLog): Promise<Outcome<"created" | "exists">> {
    return this.#enqueue((flush) => {
      const state = this.#index.stateOf(request.log);
      if (state === undefined) {
        const { id, builder } = segmentOf(flush, () => this.#nextSegment++);
        builder.addCreate(request.log, request.epoch, request.hashes);
        this.#index.addCreate({ ...request, seg: id });
        return success("created");
      }
      const created = this.#index.createdEpochOf(state);
      const isSame = created?.epoch === request.epoch && sameHashes(created, request);
      return isSame ? success("exists") : failure("log_exists");
    });
  }

  append(request: AppendRequest): Promise<Outcome<AppendResult>> {
    return this.#enqueue((flush) => this.#append(flush, request));
  }

  #append(flush: Flush, request: AppendRequest): Outcome<AppendResult> {
    const state = this.#index.stateOf(request.log);
    if (state === undefined) return failure("log_unknown");
    const decision = decideAppend(state, this.#index.epochOf(state, request.epoch), request);
    if (decision.decision === "refuse") return decision.failure;
    const known = this.#index.seqOfEntry(state, request.entryId);
    if (known !== undefined) return this.#duplicate(state, known, flush);
    if (decision.decision === "conflict") {
      return success({ outcome: "conflict", head: { epoch: state.epoch, seq: state.seq } });
    }
    const seq = state.seq + 1;
    const acceptedAt = Math.max(flush.at, state.acceptedAt);
    const receipt = this.#options.receiptOf({ log: state.id, seq, acceptedAt, tag: request.tag });
    const { kind, epoch, entryId, tag, body } = request;
    const entry = encodeEntry({ seq, kind, epoch, acceptedAt, entryId, tag, receipt, body });
    const { id, builder } = segmentOf(flush, () => this.#nextSegment++);
    const next = request.next ?? undefined;
    const place = { seq, seg: id, off: builder.addEntry(state.id, entry, next), len: entry.length };
    this.#index.addEntry(state, { place, entryId: keyOf(entryId), epoch, acceptedAt, next });
    gather(flush, state, { epoch, entry, endsEpoch: next !== undefined });
    return success({ outcome: "appended", seq, acceptedAt, receipt });
  }

  #duplicate(state: LogState, seq: number, flush: Flush): Outcome<AppendResult> {
    const [place] = this.#index.places(state, { from: seq, through: seq, count: 1 });
    const pending = flush.segments.find(({ id }) => id === place?.seg);
    const bytes = pending === undefined ? place && this.#cache.entryAt(place) : gatheredEntry(flush, state, seq);
    if (bytes === undefined) return failure("log_trimmed");
    const { acceptedAt, receipt } = expectSuccess(decodeEntry(bytes));
    return success({ outcome: "duplicate", seq, acceptedAt, receipt });
  }

  #enqueue<T>(decide: (flush: Flush) => T): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        decide: (flush) => {
          const value = decide(flush);
          return () => resolve(value);
        },
        reject,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#timers.soon(() => this.#flush());
    });
  }

  /** Decides, commits, answers and fans out, all in one turn: nobody sees what is not durable. */
  #flush(): void {
    this.#scheduled = false;
    const jobs = this.#queue;
    if (jobs.length === 0) return;
    this.#queue = [];
    const flush: Flush = { segments: [], committed: new Map(), at: this.#options.now() };
    const answers: (() => void)[] = [];
    try {
      for (const job of jobs) answers.push(job.decide(flush));
      if (flush.segments.length > 0) this.#commit(flush);
    } catch (error) {
      this.#rollBack();
      for (const job of jobs) job.reject(storeError(error));
      return;
    }
    for (const answer of answers) answer();
    if (flush.committed.size > 0) this.#listener([...flush.committed.values()].flat());
    this.#indexWhenIdle();
  }

  #commit(flush: Flush): void {
    this.#options.mayWrite?.();
    this.#isBusy = true;
    const started = performance.now();
    const blobs = flush.segments.map(({ id, builder }) => ({ id, blob: builder.finish() }));
    this.#db.exec("BEGIN IMMEDIATE");
    for (const { id, blob } of blobs) this.#insertSegment.run(id, flush.at, blob);
    const indexed = this.#index.unindexed > UNINDEXED_MAX ? this.#index.writeChunk() : 0;
    this.#db.exec("COMMIT");
    this.#index.forgetChunk(indexed);
    for (const { id, blob } of blobs) this.#cache.remember(id, blob);
    const bytes = blobs.reduce((sum, { blob }) => sum + blob.length, 0);
    const entries = [...flush.committed.values()].flat().reduce((sum, one) => sum + one.entries.length, 0);
    this.#options.onCommit?.({ entries, bytes, seconds: (performance.now() - started) / 1000 });
  }

  #rollBack(): void {
    if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec("ROLLBACK");
    try {
      this.#replay();
    } catch (error) {
      // Nothing in memory can be trusted then; a restart reads the store again.
      this.#failure = storeError(error);
    }
  }

  #indexWhenIdle(): void {
    this.#cancelIdle ??= this.#timers.after(IDLE_MS, () => {
      this.#cancelIdle = undefined;
      // A commit of its own costs an fsync: while there are others, the index goes along with those.
      if (!this.#isBusy && this.#queue.length === 0) this.#indexChunk();
      this.#isBusy = false;
      if (this.#index.unindexed > 0) this.#indexWhenIdle();
    });
  }

  #indexChunk(): void {
    if (this.#index.unindexed === 0) return;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const count = this.#index.writeChunk();
      this.#db.exec("COMMIT");
      this.#index.forgetChunk(count);
    } catch {
      // The tables may lag behind; the segments hold everything.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec("ROLLBACK");
    }
  }

  #epochFor({ log, epoch, token }: Access, side: "read" | "write"): Outcome<{ state: LogState; epochState: EpochState }> {
    const state = this.#index.stateOf(log);
    if (state === undefined) return failure("log_unknown");
    const epochState = this.#index.epochOf(state, epoch);
    if (epochState === undefined || !isTokenOf(epochState.hashes[side], log, token)) return failure("capability_invalid");
    return success({ state, epochState });
  }

  open(access: Access): Promise<Outcome<Opened>> {
    const found = this.#epochFor(access, "read");
    if (!found.ok) return Promise.resolve(found);
    const { state, epochState } = found.value;
    const { firstSeq, lastSeq } = epochState;
    const { first, seq: head } = state;
    return Promise.resolve(success({ log: access.log, epoch: access.epoch, epochFirst: firstSeq, epochLast: lastSeq, first, head }));
  }

  mayWrite(access: Access): Promise<Outcome<{ readonly isCurrent: boolean }>> {
    const found = this.#epochFor(access, "write");
    return Promise.resolve(found.ok ? success({ isCurrent: found.value.state.epoch === access.epoch }) : found);
  }

  read(request: ReadEntries): Promise<Outcome<EntriesRead>> {
    try {
      return Promise.resolve(this.#read(request));
    } catch (error) {
      return Promise.reject(storeError(error));
    }
  }

  #read({ log, epoch, from, bytesMax }: ReadEntries): Outcome<EntriesRead> {
    const state = this.#index.stateOf(log);
    const epochState = state && this.#index.epochOf(state, epoch);
    if (state === undefined || epochState === undefined) return failure("log_unknown");
    const through = epochState.lastSeq ?? state.seq;
    if (from < epochState.firstSeq || from > through + 1) return failure("log_position");
    if (from < state.first && from <= through) return failure("log_trimmed");
    const entries: Uint8Array[] = [];
    let bytes = 0;
    for (const place of this.#index.places(state, { from, through, count: LIMITS.entriesPerBatchMax })) {
      if (entries.length > 0 && bytes + place.len > Math.min(bytesMax, LIMITS.batchBytesMax)) break;
      entries.push(this.#cache.entryAt(place));
      bytes += place.len;
    }
    const next = from + entries.length;
    const isWhole = next > through;
    const end = !isWhole ? "more" : epochState.lastSeq === undefined ? "live" : "epoch_ended";
    return success({ entries, next, first: state.first, end });
  }

  trim(before: number): Promise<boolean> {
    try {
      return Promise.resolve(trimLogs({ db: this.#db, index: this.#index, cache: this.#cache }, before));
    } catch (error) {
      return Promise.reject(storeError(error));
    }
  }

  close(): Promise<void> {
    this.#flush();
    this.#cancelIdle?.();
    while (this.#index.unindexed > 0) {
      const before = this.#index.unindexed;
      this.#indexChunk();
      if (this.#index.unindexed === before) break;
    }
    this.#db.close();
    return Promise.resolve();
  }
}

function sameHashes(created: EpochState, { hashes }: CreateLog): boolean {
  return equalBytes(created.hashes.read, hashes.read) && equalBytes(created.hashes.write, hashes.write);
}

/** The segment that takes the next record; a new one when the last is large enough. */
function segmentOf(flush: Flush, nextId: () => number): Flush["segments"][number] {
  const last = flush.segments.at(-1);
  if (last !== undefined && last.builder.byteLength < SEGMENT_BYTES) return last;
  const segment = { id: nextId(), builder: new SegmentBuilder() };
  flush.segments.push(segment);
  return segment;
}

function gather(
  flush: Flush,
  state: LogState,
  added: { readonly epoch: number; readonly entry: Uint8Array; readonly endsEpoch: boolean },
): void {
  let runs = flush.committed.get(state);
  if (runs === undefined) {
    runs = [];
    flush.committed.set(state, runs);
  }
  let run = runs.at(-1);
  if (run?.epoch !== added.epoch) {
    run = { log: state.id, epoch: added.epoch, entries: [], lastSeq: 0, endsEpoch: false };
    runs.push(run);
  }
  run.entries.push(added.entry);
  run.lastSeq = state.seq;
  run.endsEpoch = added.endsEpoch;
}

/** An entry that this very flush takes. */
function gatheredEntry(flush: Flush, state: LogState, seq: number): Uint8Array | undefined {
  for (const run of flush.committed.get(state) ?? []) {
    const entry = run.entries[run.entries.length - 1 - (run.lastSeq - seq)];
    if (seq <= run.lastSeq && entry !== undefined) return entry;
  }
  return undefined;
}
