/**
 * Anonymous tokens (RFC 9497 VOPRF with ristretto255-SHA512, RFC 9578). The account connection issues them at a rate; on the anonymous
 * connection one pays for a new log, for a first contact, and for each started 16 MiB of a blob. The server cannot tell whose token it is.
 *
 *   token = { key: id of the issuing key (8 bytes), nonce: 32 random bytes, output: VOPRF output (64 bytes) }
 *
 * A server may switch payment off (hello); then requests carry an empty list.
 */
import * as v from "valibot";
import { bytesOf, listOf } from "../codec/fields.ts";
import type { FormOf } from "../codec/form.ts";
import { LIMITS } from "../limits.ts";

export const BLOB_BYTES_PER_TOKEN = 16 * 1024 * 1024;

export const anonymousToken = v.strictObject({ key: bytesOf(8), nonce: bytesOf(32), output: bytesOf(64) });
export type AnonymousToken = FormOf<typeof anonymousToken>;

/** One token for a log or a first contact, more for a large blob. */
export const payment = listOf(anonymousToken, Math.ceil(LIMITS.blobBytesMax / BLOB_BYTES_PER_TOKEN));

/** Tokens that a blob of this size costs. */
export function tokensForBlob(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / BLOB_BYTES_PER_TOKEN));
}
