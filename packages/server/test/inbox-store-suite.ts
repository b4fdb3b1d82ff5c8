/** What every InboxStore has to do. An adapter calls {@link describeInboxStore} in a test file of its own. */
import { decodeInboxItem, entryId, expectSuccess, LIMITS, toId } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import type { DevicePlace } from "../src/accounts/account-store.ts";
import type { Delivery, InboxStore } from "../src/accounts/inbox-store.ts";

export type InboxOpening = {
  readonly store: InboxStore;
  /** Closes the store and opens it again on what it kept. */
  readonly reopen: () => Promise<InboxStore>;
  /** A device of an account that is known. */
  readonly place: () => Promise<DevicePlace>;
};

const DAY_MS = 86_400_000;
const ALL = { from: 1, bytesMax: 1_000_000 };

function delivery({ account, device }: DevicePlace, id: number, more: Partial<Delivery> = {}): Delivery {
  const itemId = toId(
    entryId,
    Uint8Array.from({ length: 16 }, (_, at) => (at < 2 ? (id >> (8 * at)) & 0xff : 7)),
  );
  return { account, devices: [device], itemId, lane: "contact", body: new Uint8Array(10).fill(id), at: 1_000, ...more };
}

async function numbers(store: InboxStore, place: DevicePlace, from = 1): Promise<number[]> {
  const { items } = await store.read(place, { ...ALL, from });
  return items.map((bytes) => expectSuccess(decodeInboxItem(bytes)).seq);
}

export function describeInboxStore(adapter: string, open: () => Promise<InboxOpening>): void {
  describe(`inbox store: ${adapter}`, () => {
    test("numbers items from 1 without gaps, for each device, and keeps them", async () => {
      const { store, reopen, place } = await open();
      const [alice, bob] = [await place(), await place()];
      expect(await store.bounds(alice)).toEqual({ first: 1, head: 0, items: 0 });
      await Promise.all([1, 2, 3].map((id) => store.deliver(delivery(alice, id))));
      await store.deliver(delivery(bob, 1));
      const again = await reopen();
      expect([await numbers(again, alice), await numbers(again, bob)]).toEqual([[1, 2, 3], [1]]);
      expect(await again.bounds(alice)).toEqual({ first: 1, head: 3, items: 3 });
      const [item] = (await again.read(alice, { from: 2, bytesMax: 1 })).items;
      expect(expectSuccess(decodeInboxItem(item ?? new Uint8Array()))).toMatchObject({ seq: 2, acceptedAt: 1_000, lane: "contact" });
    });

    test("takes a delivery once, also after its item was applied", async () => {
      const { store, reopen, place } = await open();
      const alice = await place();
      const [first] = await store.deliver(delivery(alice, 1));
      expect(first).toMatchObject({ outcome: "delivered", item: { seq: 1 } });
      expect(await store.deliver(delivery(alice, 1))).toMatchObject([{ outcome: "duplicate", item: undefined }]);
      await store.acknowledge(alice, 1);
      const again = await reopen();
      expect(await again.deliver(delivery(alice, 1))).toMatchObject([{ outcome: "duplicate" }]);
      expect(await numbers(again, alice)).toEqual([]);
      expect(await again.deliver(delivery(alice, 2))).toMatchObject([{ outcome: "delivered", item: { seq: 2 } }]);
    });

    test("forgets what was applied, and nothing that was not", async () => {
      const { store, place } = await open();
      const alice = await place();
      for (let id = 1; id <= 5; id++) await store.deliver(delivery(alice, id));
      await store.acknowledge(alice, 2);
      await store.acknowledge(alice, 1);
      expect([await store.bounds(alice), await numbers(store, alice)]).toEqual([{ first: 3, head: 5, items: 3 }, [3, 4, 5]]);
      await store.acknowledge(alice, 99);
      expect(await store.bounds(alice)).toEqual({ first: 6, head: 5, items: 0 });
      expect((await store.read(alice, ALL)).next).toBe(6);
    });

    test("reads in pieces, at least one item each", async () => {
      const { store, place } = await open();
      const alice = await place();
      for (let id = 1; id <= 4; id++) await store.deliver(delivery(alice, id, { body: new Uint8Array(1_000) }));
      const first = await store.read(alice, { from: 1, bytesMax: 2_500 });
      expect([first.items.length, first.next]).toEqual([2, 3]);
      const second = await store.read(alice, { from: first.next, bytesMax: 1 });
      expect([second.items.length, second.next]).toEqual([1, 4]);
    });

    test("is full at the limit, and takes deliveries again once there is room", async () => {
      const { store, place } = await open();
      const alice = await place();
      const all = Array.from({ length: LIMITS.inboxItemsMax }, (_, id) => store.deliver(delivery(alice, id)));
      await Promise.all(all);
      expect(await store.deliver(delivery(alice, 60_000))).toMatchObject([{ outcome: "inbox_full" }]);
      await store.acknowledge(alice, 1);
      expect(await store.deliver(delivery(alice, 60_000))).toMatchObject([{ outcome: "delivered" }]);
    });

    test("strangers fill a part of it only, by number and by size, and contacts find room all the same", async () => {
      const { store, reopen, place } = await open();
      const [alice, bob] = [await place(), await place()];
      const stranger = { lane: "stranger" } as const;
      await Promise.all(Array.from({ length: LIMITS.inboxStrangerItemsMax }, (_, id) => store.deliver(delivery(alice, id, stranger))));
      const again = await reopen();
      expect(await again.deliver(delivery(alice, 60_000, stranger))).toMatchObject([{ outcome: "inbox_full" }]);
      await Promise.all(Array.from({ length: LIMITS.inboxItemsMax }, (_, id) => again.deliver(delivery(alice, 1_000 + id))));
      expect(await again.bounds(alice)).toMatchObject({ items: LIMITS.inboxItemsMax + LIMITS.inboxStrangerItemsMax });
      expect(await again.deliver(delivery(alice, 60_000))).toMatchObject([{ outcome: "inbox_full" }]);
      await again.acknowledge(alice, 1);
      expect(await again.deliver(delivery(alice, 60_000))).toMatchObject([{ outcome: "inbox_full" }]);
      expect(await again.deliver(delivery(alice, 60_001, stranger))).toMatchObject([{ outcome: "delivered" }]);

      const large = { ...stranger, body: new Uint8Array(LIMITS.inboxBodyBytesMax) };
      const fitting = Math.floor(LIMITS.inboxStrangerBytesMax / LIMITS.inboxItemBytesMax);
      for (let id = 0; id < fitting; id++) expect(await again.deliver(delivery(bob, id, large))).toMatchObject([{ outcome: "delivered" }]);
      expect(await again.deliver(delivery(bob, 100, large))).toMatchObject([{ outcome: "inbox_full" }]);
      expect(await again.deliver(delivery(bob, 100))).toMatchObject([{ outcome: "delivered" }]);
    });

    test("forgets the ids of deliveries of earlier days only", async () => {
      const { store, place } = await open();
      const alice = await place();
      await store.deliver(delivery(alice, 1, { at: 5 * DAY_MS }));
      await store.deliver(delivery(alice, 2, { at: 6 * DAY_MS }));
      await store.forgetIds(6);
      expect(await store.deliver(delivery(alice, 2))).toMatchObject([{ outcome: "duplicate" }]);
      expect(await store.deliver(delivery(alice, 1))).toMatchObject([{ outcome: "delivered", item: { seq: 3 } }]);
    });
  });
}
