/** An identity chain as the table `chains` holds it: CBOR [ entry, … ], each as it was fetched (spec/identity.md §Chain). */
import { bytesFrom, listOf } from "@sotto/core";
import { encodeCbor, LIMITS } from "@sotto/protocol";
import { readStored, type StoredOutcome } from "../store/stored-form.ts";

const form = listOf(bytesFrom(1, LIMITS.chainEntryBytesMax), LIMITS.chainEntriesMax);
const STORED_BYTES_MAX = LIMITS.chainEntryBytesMax * LIMITS.chainEntriesMax;

export function encodeStoredChain(entries: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(entries);
}

export function decodeStoredChain(bytes: Uint8Array): StoredOutcome<readonly Uint8Array[]> {
  return readStored(bytes, STORED_BYTES_MAX, form);
}
