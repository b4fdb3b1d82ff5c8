/** A sealed note on its way to one inbox, as the draft of a row `deliver`: CBOR [ accountId, deviceId, item id, sealed note ]. */
import { bytesFrom, type DeviceAddress, tupleOf } from "@sotto/core";
import { accountId, type AccountId, deviceId, type DeviceId, encodeCbor, entryId, type EntryId, LIMITS } from "@sotto/protocol";
import { fits, readStored, type StoredOutcome } from "../store/stored-form.ts";

export type Delivery = { readonly to: DeviceAddress; readonly itemId: EntryId; readonly body: Uint8Array };

const DELIVERY_BYTES_MAX = LIMITS.inboxBodyBytesMax + 1024;
const form = tupleOf<[AccountId, DeviceId, EntryId, Uint8Array]>(
  fits(accountId),
  fits(deviceId),
  fits(entryId),
  bytesFrom(1, LIMITS.inboxBodyBytesMax),
);

export function encodeDelivery({ to, itemId, body }: Delivery): Uint8Array {
  return encodeCbor([to.account, to.device, itemId, body]);
}

export function decodeDelivery(bytes: Uint8Array): StoredOutcome<Delivery> {
  const read = readStored(bytes, DELIVERY_BYTES_MAX, form);
  if (!read.ok) return read;
  const [account, device, itemId, body] = read.value;
  return { ok: true, value: { to: { account, device }, itemId, body } };
}
