/**
 * Fan-out (spec/server.md §Fan-out): backfill, cutover, stream, for each subscription.
 *
 *   backfill  reads batches from the store, each sent before the next is read
 *   cutover   in the turn in which a read reached the newest entry, unless a commit came in between
 *   stream    a commit makes one frame, and all subscribers of the log get those bytes
 *
 * A subscription ends with its epoch, or when its reader is too slow; the reader then catches up by reading.
 */
import { encodePush, LIMITS, type LogId, writeEntriesPush } from "@sotto/protocol";
import { keyOf } from "./log-index.ts";
import type { Committed, LogStore } from "./log-store.ts";

/** Where pushes go: one connection. */
export interface Listener {
  send(frame: Uint8Array): void;
  /** Resolves once the frame has left this process, or the connection is gone. */
  sendAndWait(frame: Uint8Array): Promise<void>;
  readonly waitingBytes: number;
}

type EndReason = "epoch_ended" | "log_slow_consumer" | "log_trimmed" | "log_unknown";

export type Subscription = {
  readonly log: LogId;
  readonly epoch: number;
  readonly listener: Listener;
  cursor: number;
  state: "backfill" | "live" | "ended";
  /** Called once, when it ends for whatever reason. */
  onEnd: () => void;
};

/** Subscriptions of one log, and the newest entry that they could have missed. */
type Room = { readonly members: Set<Subscription>; committedSeq: number };

export type FanOutOptions = {
  readonly store: LogStore;
  readonly slowConsumerBytes: number;
  readonly onDeliver?: (count: number) => void;
};

export class FanOut {
  readonly #options: FanOutOptions;
  readonly #rooms = new Map<string, Room>();

  constructor(options: FanOutOptions) {
    this.#options = options;
    options.store.onCommitted((batch) => {
      for (const committed of batch) this.#deliver(committed);
    });
  }

  get subscriptions(): number {
    let count = 0;
    for (const { members } of this.#rooms.values()) count += members.size;
    return count;
  }

  /** Starts a subscription. The caller checked token and position, and has answered before the first push is sent. */
  subscribe(wanted: { readonly log: LogId; readonly epoch: number; readonly from: number; readonly listener: Listener }): Subscription {
    const { log, epoch, from, listener } = wanted;
    const subscription: Subscription = { log, epoch, listener, cursor: from, state: "backfill", onEnd: () => undefined };
    const key = keyOf(log);
    let room = this.#rooms.get(key);
    if (room === undefined) {
      room = { members: new Set(), committedSeq: 0 };
      this.#rooms.set(key, room);
    }
    room.members.add(subscription);
    return subscription;
  }

  /** Sends what is stored, then goes live. */
  async backfill(subscription: Subscription): Promise<void> {
    const { log, epoch, listener } = subscription;
    const room = this.#rooms.get(keyOf(log));
    if (room === undefined) return;
    while (isOpen(subscription)) {
      const read = await this.#options.store.read({ log, epoch, from: subscription.cursor, bytesMax: LIMITS.batchBytesMax });
      if (!isOpen(subscription)) return;
      if (!read.ok) {
        this.#end(subscription, read.code === "log_trimmed" ? "log_trimmed" : "log_unknown");
        return;
      }
      const { entries, next, end } = read.value;
      subscription.cursor = next;
      const isCaughtUp = end === "live" && room.committedSeq < next;
      if (isCaughtUp) subscription.state = "live";
      if (entries.length > 0) {
        const sent = listener.sendAndWait(encodePush("log.entries", { log, entries: [...entries] }));
        if (!isCaughtUp) await sent;
      }
      if (end === "epoch_ended") this.#end(subscription, "epoch_ended");
      if (isCaughtUp) {
        listener.send(encodePush("log.live", { log, next }));
        return;
      }
    }
  }

  #deliver(committed: Committed): void {
    const room = this.#rooms.get(keyOf(committed.log));
    if (room === undefined) return;
    room.committedSeq = committed.lastSeq;
    const frames = framesOf(committed);
    let delivered = 0;
    for (const subscription of room.members) {
      if (subscription.state !== "live" || subscription.epoch !== committed.epoch) continue;
      if (subscription.listener.waitingBytes > this.#options.slowConsumerBytes) {
        this.#end(subscription, "log_slow_consumer");
        continue;
      }
      for (const frame of frames) subscription.listener.send(frame);
      subscription.cursor = committed.lastSeq + 1;
      delivered += committed.entries.length;
      if (committed.endsEpoch) this.#end(subscription, "epoch_ended");
    }
    this.#options.onDeliver?.(delivered);
  }

  /** To those who listen now, apart from the sender. */
  ephemeral(sent: { readonly log: LogId; readonly epoch: number; readonly body: Uint8Array; readonly from: Listener }): void {
    const room = this.#rooms.get(keyOf(sent.log));
    if (room === undefined) return;
    const { log, epoch, body } = sent;
    const frame = encodePush("log.ephemeral", { log, epoch, body });
    for (const { state, listener, epoch: theirs } of room.members) {
      const isReady = state === "live" && theirs === epoch && listener.waitingBytes < this.#options.slowConsumerBytes;
      if (isReady && listener !== sent.from) listener.send(frame);
    }
  }

  #end(subscription: Subscription, reason: EndReason): void {
    this.unsubscribe(subscription);
    subscription.listener.send(encodePush("log.closed", { log: subscription.log, reason }));
  }

  unsubscribe(subscription: Subscription): void {
    if (subscription.state === "ended") return;
    subscription.state = "ended";
    const key = keyOf(subscription.log);
    const room = this.#rooms.get(key);
    room?.members.delete(subscription);
    if (room?.members.size === 0) this.#rooms.delete(key);
    subscription.onEnd();
  }
}

const isOpen = (subscription: Subscription): boolean => subscription.state !== "ended";

/** The frames for a run of entries: one, unless they are too many or too large for one. */
function framesOf({ log, entries }: Committed): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const isFull = batch.length >= LIMITS.entriesPerBatchMax || bytes + entry.length > LIMITS.batchBytesMax;
    if (batch.length > 0 && isFull) {
      frames.push(writeEntriesPush(log, batch));
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entry.length;
  }
  frames.push(writeEntriesPush(log, batch));
  return frames;
}
