/**
 * Receipts (spec/log.md §Receipts): the server's MAC over place, time and tag of an entry. The bytes under the MAC:
 *
 *   labelled("receipt v1", logId[16] ‖ seq u64 ‖ acceptedAt u64 ‖ tag[32])      numbers big-endian
 *
 * receipt = HMAC-SHA256(hub key, those bytes), 32 bytes. No key is used here.
 */
import { uint64ToBytes } from "../bytes.ts";
import { labelled } from "../hashing.ts";
import type { LogId } from "../ids.ts";

export const RECEIPT_BYTES = 32;
export const TAG_BYTES = 32;

/** The tag of an entry without a commitment: every handshake. */
export const NO_TAG: Uint8Array = new Uint8Array(TAG_BYTES);

export type ReceiptFacts = { readonly log: LogId; readonly seq: number; readonly acceptedAt: number; readonly tag: Uint8Array };

export function receiptBytes(facts: ReceiptFacts): Uint8Array {
  return labelled("receipt v1", facts.log, uint64ToBytes(facts.seq), uint64ToBytes(facts.acceptedAt), facts.tag);
}
