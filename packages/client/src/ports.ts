/**
 * What the engine needs from the world, as ports. An adapter for Node.js is in `node/`; tests and the simulator bring their own.
 *
 *   Store      encrypted tables: SQL in, rows out; a batch of writes is all or nothing and durable before it resolves
 *   Transport  opens connections to one server and moves frames; knows nothing of what is in them
 *   Http       requests for files beside the logs; see attachments/ports.ts, also for the files themselves
 *   Clock      the time, and calls after a while
 *   Random     bytes that nobody can guess
 */
import type { CryptoProvider, Random, RunningHash } from "@sotto/core";
import type { Connection, ErrorCode } from "@sotto/protocol";
import type { HttpPort } from "./attachments/ports.ts";

export type SqlValue = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, SqlValue>>;
export type Statement = { readonly sql: string; readonly parameters: readonly SqlValue[] };

export interface Store {
  all(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** All statements or none, in order; durable once it resolves. */
  write(batch: readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

export type ChannelEvents = {
  readonly onOpen: () => void;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Once, also when it never opened; with the reason where it is known. */
  readonly onClosed: (why?: ErrorCode) => void;
};

export interface Channel {
  send(frame: Uint8Array): void;
  close(): void;
}

export interface Transport {
  /** The server as it is addressed: part of what a login signs. */
  readonly origin: string;
  open(kind: Connection, events: ChannelEvents): Channel;
}

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  after(delayMs: number, call: () => void): Cancel;
}

export type Ports = {
  readonly store: Store;
  readonly transport: Transport;
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: CryptoProvider;
  /** SHA-256 in steps, for files. */
  readonly createSha256: () => RunningHash;
};
