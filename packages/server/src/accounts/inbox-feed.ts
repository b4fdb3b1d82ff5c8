/** Pushes of a device's inbox to its connections: what is stored, then what arrives (spec/server.md §Fan-out). */
import { encodePush, equalBytes, LIMITS } from "@sotto/protocol";
import { CLOSE, type Peer } from "../connection/peer.ts";
import type { Timers } from "../timers.ts";
import type { DevicePlace } from "./account-store.ts";
import type { InboxStore } from "./inbox-store.ts";
import type { Presence } from "./presence.ts";

type Item = { readonly seq: number; readonly bytes: Uint8Array };
type Reader = { cursor: number; isLive: boolean; newest: number };

export class InboxFeed {
  readonly #inboxes: InboxStore;
  readonly #presence: Presence;
  readonly #slowConsumerBytes: number;
  readonly #timers: Timers;
  readonly #readers = new WeakMap<Peer, Reader>();

  constructor(parts: {
    readonly inboxes: InboxStore;
    readonly presence: Presence;
    readonly slowConsumerBytes: number;
    readonly timers: Timers;
  }) {
    this.#inboxes = parts.inboxes;
    this.#presence = parts.presence;
    this.#slowConsumerBytes = parts.slowConsumerBytes;
    this.#timers = parts.timers;
  }

  /** Replaces an earlier subscription of the connection. The first push follows the answer. */
  subscribe(peer: Peer, from: number): void {
    const reader: Reader = { cursor: Math.max(1, from), isLive: false, newest: 0 };
    this.#readers.set(peer, reader);
    this.#timers.soon(() => {
      this.#backfill(peer, reader).catch(() => peer.close(CLOSE.failed, "server_failed"));
    });
  }

  async #backfill(peer: Peer, reader: Reader): Promise<void> {
    const isCurrent = (): boolean => peer.isOpen && this.#readers.get(peer) === reader;
    while (isCurrent() && peer.session !== undefined) {
      const { items, next } = await this.#inboxes.read(peer.session, { from: reader.cursor, bytesMax: LIMITS.batchBytesMax });
      if (!isCurrent()) return;
      reader.cursor = next;
      if (items.length > 0) {
        await peer.sendAndWait(encodePush("inbox.items", { items: [...items] }));
        continue;
      }
      if (reader.newest >= next) continue;
      reader.isLive = true;
      peer.send(encodePush("inbox.live", { next }));
      return;
    }
  }

  deliver({ account, device }: DevicePlace, { seq, bytes }: Item): void {
    for (const peer of this.#presence.peersOf(account, device)) {
      const reader = this.#readers.get(peer);
      if (reader === undefined || !equalBytes(peer.session?.device ?? device, device)) continue;
      reader.newest = seq;
      if (!reader.isLive) continue;
      if (peer.waitingBytes > this.#slowConsumerBytes) {
        peer.close(CLOSE.slow, "log_slow_consumer");
        continue;
      }
      reader.cursor = seq + 1;
      peer.send(encodePush("inbox.items", { items: [bytes] }));
    }
  }
}
