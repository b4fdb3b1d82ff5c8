/**
 * Capabilities (spec/log.md §Capabilities). A token has 32 bytes and comes from the MLS exporter of an epoch, labels "sotto read" and
 * "sotto write". The server keeps only
 *
 *   hash = SHA-256(labelled("capability v1", logId or blobId ‖ token))
 *
 * The id is part of the hash, so that equal hashes never show that two logs share a secret.
 */
import * as v from "valibot";
import { equalTags } from "../bytes.ts";
import { bytesOf } from "../codec/fields.ts";
import { hashWithLabel } from "../hashing.ts";
import type { BlobId, LogId } from "../ids.ts";

export const CAPABILITY_BYTES = 32;
/** Labels of the MLS exporter (RFC 9420 §8.5), with an empty context and 32 bytes. */
export const EXPORTER_LABELS = { read: "sotto read", write: "sotto write" } as const;

export const capabilityToken = bytesOf(CAPABILITY_BYTES);
export const capabilityHashField = bytesOf(CAPABILITY_BYTES);

/** What a log keeps for an epoch. */
export const capabilityHashes = v.strictObject({ read: capabilityHashField, write: capabilityHashField });
export type CapabilityHashes = v.InferOutput<typeof capabilityHashes>;

export function capabilityHash(id: LogId | BlobId, token: Uint8Array): Uint8Array {
  return hashWithLabel("capability v1", id, token);
}

export function isCapability(hash: Uint8Array, id: LogId | BlobId, token: Uint8Array): boolean {
  return equalTags(hash, capabilityHash(id, token));
}
