/**
 * The port to whatever keeps logs (spec/server.md §Logs). An adapter must pass test/log-store-suite.ts.
 *
 * Every promise resolves after the change is durable. Outcomes are values; a rejected promise is a failure of the store and nothing was written.
 */
import type { AppendRequest, AppendResult, CapabilityHashes, LogId, Outcome } from "@sotto/protocol";

export type CreateLog = { readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes };

export type Access = { readonly log: LogId; readonly epoch: number; readonly token: Uint8Array };

/** What a read token opens, once it was found right. */
export type Opened = {
  readonly log: LogId;
  readonly epoch: number;
  /** The first sequence number of the epoch. */
  readonly epochFirst: number;
  /** The sequence number of the handshake that ended it; undefined for the log's epoch. */
  readonly epochLast: number | undefined;
  /** The oldest entry that is kept. */
  readonly first: number;
  /** The newest entry. */
  readonly head: number;
};

export type ReadEntries = { readonly log: LogId; readonly epoch: number; readonly from: number; readonly bytesMax: number };

export type EntriesRead = {
  readonly entries: readonly Uint8Array[];
  readonly next: number;
  readonly first: number;
  readonly end: "more" | "live" | "epoch_ended";
};

/** Entries of one log and one epoch that have just become durable, in order. */
export type Committed = {
  readonly log: LogId;
  readonly epoch: number;
  readonly entries: readonly Uint8Array[];
  readonly lastSeq: number;
  /** Whether the last one is the handshake that ends the epoch. */
  readonly endsEpoch: boolean;
};

export interface LogStore {
  create(request: CreateLog): Promise<Outcome<"created" | "exists">>;
  append(request: AppendRequest): Promise<Outcome<AppendResult>>;
  /** Checks a read token. */
  open(access: Access): Promise<Outcome<Opened>>;
  /** Checks a write token; whether its epoch is that of the log. */
  mayWrite(access: Access): Promise<Outcome<{ readonly isCurrent: boolean }>>;
  /** Entries from `from` on that the read token of the epoch opens. The caller opened the log before. */
  read(request: ReadEntries): Promise<Outcome<EntriesRead>>;
  /** Called after each commit, before anything else can happen to these logs. One listener. */
  onCommitted(listener: (batch: readonly Committed[]) => void): void;
  /** Forgets entries accepted before this time, in a small step. Whether there is more to do. */
  trim(before: number): Promise<boolean>;
  close(): Promise<void>;
}
