/** The operations on logs (spec/log.md §API), on the anonymous connection. */
import { failure, LIMITS, type LogId, type Outcome, success } from "@sotto/protocol";
import type { HandlersOf, NamesWith } from "../connection/handlers.ts";
import type { Peer } from "../connection/peer.ts";
import type { Timers } from "../timers.ts";
import type { Cashier } from "../tokens/cashier.ts";
import type { FanOut } from "./fan-out.ts";
import { keyOf } from "./log-index.ts";
import type { Access, LogStore, Opened } from "./log-store.ts";

export type LogServices = { readonly store: LogStore; readonly fanOut: FanOut; readonly cashier: Cashier; readonly timers: Timers };

/** Whether an opened epoch can be read from here. */
function checkPosition(opened: Opened, from: number): Outcome<Opened> {
  const through = opened.epochLast ?? opened.head;
  if (from < opened.epochFirst || from > through + 1) return failure("log_position");
  if (from < opened.first && from <= through) return failure("log_trimmed");
  return success(opened);
}

export function createLogHandlers({ store, fanOut, cashier, timers }: LogServices): HandlersOf<NamesWith<"log">> {
  const openAt = async (access: Access, from: number): Promise<Outcome<Opened>> => {
    const opened = await store.open(access);
    return opened.ok ? checkPosition(opened.value, from) : opened;
  };

  const subscribe = (peer: Peer, wanted: { readonly log: LogId; readonly epoch: number; readonly from: number }): void => {
    const key = keyOf(wanted.log);
    const subscription = fanOut.subscribe({ ...wanted, listener: peer });
    peer.subscriptions.set(key, subscription);
    subscription.onEnd = () => {
      if (peer.subscriptions.get(key) === subscription) peer.subscriptions.delete(key);
    };
    // After the answer, which the dispatcher sends in this turn.
    timers.soon(() => {
      fanOut.backfill(subscription).catch(() => peer.terminate());
    });
  };

  return {
    "log.create": async ({ log, epoch, hashes, payment }) => {
      const paid = await cashier.take(payment, { count: 1, purpose: log });
      if (!paid.ok) return paid;
      const created = await store.create({ log, epoch, hashes });
      return created.ok ? success({ outcome: created.value }) : created;
    },
    "log.append": (request) => store.append(request),
    "log.read": async ({ log, epoch, token, from, bytesMax }, peer) => {
      const opened = await openAt({ log, epoch, token }, from);
      if (!opened.ok) return opened;
      const release = await peer.room(bytesMax);
      try {
        const read = await store.read({ log, epoch, from, bytesMax });
        return read.ok ? success({ ...read.value, entries: [...read.value.entries] }) : read;
      } finally {
        release();
      }
    },
    "log.subscribe": async ({ log, epoch, token, from }, peer) => {
      const opened = await openAt({ log, epoch, token }, from);
      if (!opened.ok) return opened;
      const earlier = peer.subscriptions.get(keyOf(log));
      if (earlier !== undefined) fanOut.unsubscribe(earlier);
      if (peer.subscriptions.size >= LIMITS.subscriptionsPerConnectionMax) return failure("subscription_limit");
      if (peer.isOpen) subscribe(peer, { log, epoch, from });
      return success({ first: opened.value.first, head: opened.value.head });
    },
    "log.unsubscribe": ({ log }, peer) => {
      const subscription = peer.subscriptions.get(keyOf(log));
      if (subscription === undefined) return failure("subscription_unknown");
      fanOut.unsubscribe(subscription);
      return success({});
    },
    "log.ephemeral": async ({ log, epoch, token, body }, peer) => {
      const checked = await store.mayWrite({ log, epoch, token });
      if (!checked.ok) return checked;
      if (!checked.value.isCurrent) return failure("log_epoch_unknown");
      fanOut.ephemeral({ log, epoch, body, from: peer });
      return success({});
    },
  };
}
