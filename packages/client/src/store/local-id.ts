/**
 * Local ids: names of rows that never leave this device, 16 bytes: time in ms since 1970, big-endian [6] ‖ random [10].
 *
 * Those made after one another stand beside one another in an index, so that a row does not touch a page of the whole past.
 */
import type { CoreContext } from "@sotto/core";
import { uint64ToBytes } from "@sotto/protocol";

const TIME_BYTES = 6;
const RANDOM_BYTES = 10;

export function newLocalId({ now, random }: Pick<CoreContext, "now" | "random">): Uint8Array {
  const id = new Uint8Array(TIME_BYTES + RANDOM_BYTES);
  id.set(uint64ToBytes(now).subarray(-TIME_BYTES));
  id.set(random(RANDOM_BYTES), TIME_BYTES);
  return id;
}
