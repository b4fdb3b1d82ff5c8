/** One connection: what it is, what it may do, and sending on it. */
import type { AccountId, Connection, Cost, DeviceId } from "@sotto/protocol";
import type { Listener, Subscription } from "../log/fan-out.ts";
import type { ServerLimits } from "../options.ts";
import { type Bucket, newBucket, takeFrom } from "../rate.ts";
import type { Timers } from "../timers.ts";

export type Session = { readonly account: AccountId; readonly device: DeviceId };

/** Close codes of our own (RFC 6455 §7.4.2). The reason is an error code. */
export const CLOSE = { goingAway: 1001, frame: 4400, slow: 4429, revoked: 4403, failed: 4500 } as const;

const ROOM_CHECK_MS = 5;

/** What carries a connection: of a WebSocket the part that is needed. */
export interface Socket {
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that have not left this process. */
  readonly bufferedAmount: number;
  send(frame: Uint8Array, options: { readonly binary: true }, sent?: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
}

export type PeerFacts = {
  readonly kind: Connection;
  readonly address: string;
  readonly limits: ServerLimits;
  readonly timers: Timers;
  readonly now: number;
};

export class Peer implements Listener {
  readonly kind: Connection;
  /** Kept in memory for limits, never written anywhere. */
  readonly address: string;
  readonly subscriptions = new Map<string, Subscription>();
  session: Session | undefined;
  /** For one login; undefined once it was used. */
  nonce: Uint8Array | undefined;
  readonly connectedAt: number;
  inFlight = 0;
  isAlive = true;
  onClose: (() => void)[] = [];
  #reserved = 0;
  readonly #socket: Socket;
  readonly #limits: ServerLimits;
  readonly #timers: Timers;
  readonly #buckets: Readonly<Record<Cost, Bucket>>;

  constructor(socket: Socket, facts: PeerFacts) {
    this.#socket = socket;
    this.kind = facts.kind;
    this.address = facts.address;
    this.#limits = facts.limits;
    this.#timers = facts.timers;
    this.connectedAt = facts.now;
    const { cheap, write, expensive } = facts.limits;
    this.#buckets = { cheap: newBucket(cheap, facts.now), write: newBucket(write, facts.now), expensive: newBucket(expensive, facts.now) };
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** 0, or the milliseconds to wait before such a request is taken. */
  take(cost: Cost, now: number): number {
    return takeFrom(this.#buckets[cost], this.#limits[cost], { now });
  }

  send(frame: Uint8Array): void {
    if (!this.isOpen) return;
    this.#socket.send(frame, { binary: true });
    if (this.waitingBytes > 4 * this.#limits.slowConsumerBytes) this.terminate();
  }

  sendAndWait(frame: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOpen) this.#socket.send(frame, { binary: true }, () => resolve());
      else resolve();
    });
  }

  /**
   * Waits until an answer of so many bytes fits before the reader counts as slow, and keeps the room until it is released. Without it a client
   * that asks for much at once would look like one that does not read.
   */
  async room(bytes: number): Promise<() => void> {
    for (;;) {
      const taken = this.waitingBytes + this.#reserved;
      if (!this.isOpen || taken === 0 || taken + bytes <= this.#limits.slowConsumerBytes) break;
      await new Promise<void>((resolve) => this.#timers.after(ROOM_CHECK_MS, resolve));
    }
    this.#reserved += bytes;
    return () => {
      this.#reserved -= bytes;
    };
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  ping(): void {
    this.isAlive = false;
    if (this.isOpen) this.#socket.ping();
  }
}
