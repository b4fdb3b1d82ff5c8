/** What somebody chose in a poll, as the table `votes` holds it: CBOR [ number of an option, … ]. */
import { listOf, uintUpTo } from "@sotto/core";
import { encodeCbor, LIMITS } from "@sotto/protocol";
import { readStored, type StoredOutcome } from "../store/stored-form.ts";

const CHOICES_BYTES_MAX = 64;
const form = listOf(uintUpTo(LIMITS.pollOptionsMax - 1), LIMITS.pollOptionsMax);

export function encodeChoices(choices: readonly number[]): Uint8Array {
  return encodeCbor(choices);
}

export function decodeChoices(bytes: Uint8Array): StoredOutcome<readonly number[]> {
  return readStored(bytes, CHOICES_BYTES_MAX, form);
}
