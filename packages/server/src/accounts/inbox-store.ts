/** The port to device inboxes (spec/inbox.md §Items): a small log for each device, whose owner deletes what it has applied. */
import type { DeviceId, EntryId, InboxLane, AccountId } from "@sotto/protocol";
import type { DevicePlace } from "./account-store.ts";

export type Delivery = {
  readonly account: AccountId;
  readonly devices: readonly DeviceId[];
  readonly itemId: EntryId;
  readonly lane: InboxLane;
  readonly body: Uint8Array;
  readonly at: number;
};

export type Delivered = {
  readonly device: DeviceId;
  readonly outcome: "delivered" | "duplicate" | "inbox_full";
  /** The stored item, if it is new. */
  readonly item: { readonly seq: number; readonly bytes: Uint8Array } | undefined;
};

export type InboxBounds = { readonly first: number; readonly head: number; readonly items: number };

export interface InboxStore {
  deliver(delivery: Delivery): Promise<readonly Delivered[]>;
  bounds(place: DevicePlace): Promise<InboxBounds>;
  /** Items from `from`, up to so many bytes, and where to go on. */
  read(place: DevicePlace, range: { readonly from: number; readonly bytesMax: number }): Promise<InboxPart>;
  acknowledge(place: DevicePlace, through: number): Promise<void>;
  /** Forgets ids of deliveries before this day, by which a repeated delivery is known. */
  forgetIds(beforeDay: number): Promise<void>;
}

export type InboxPart = { readonly items: readonly Uint8Array[]; readonly next: number };
