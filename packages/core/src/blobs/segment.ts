/**
 * One segment of a blob (spec/blobs.md §Segments): AES-256-GCM, nonce = prefix ‖ index ‖ last, no additional data. Each opens by itself, so any
 * range can be read; a segment in another place, a missing one and a cut end do not open.
 *
 * A key and prefix are for one blob: two blobs under one key and prefix would share nonces.
 */
import type { CryptoProvider, Random } from "@sotto/mls";
import { NONCE_PREFIX_BYTES, planSegments, segmentNonce, segmentPlace, type SegmentPlan } from "@sotto/protocol";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { storageCipher } from "../suite.ts";

export const BLOB_KEY_BYTES = 32;
const NO_AAD = new Uint8Array(0);

export type BlobKeys = { readonly key: Uint8Array; readonly noncePrefix: Uint8Array };

/** A blob that is written or read: its keys, and the size of the file in it. */
export type BlobPlan = BlobKeys & { readonly fileBytes: number; readonly plan: SegmentPlan };

export function createBlobKeys(random: Random): BlobKeys {
  return { key: random(BLOB_KEY_BYTES), noncePrefix: random(NONCE_PREFIX_BYTES) };
}

export function planBlob(keys: BlobKeys, fileBytes: number): BlobPlan {
  return { key: keys.key, noncePrefix: keys.noncePrefix, fileBytes, plan: planSegments(fileBytes) };
}

/** How many bytes of the file segment `index` holds; the rest of it is padding. */
export function fileBytesIn({ plan, fileBytes }: BlobPlan, index: number): number {
  const { plainStart, plainEnd } = segmentPlace(plan, index);
  return Math.max(0, Math.min(plainEnd, fileBytes) - plainStart);
}

/** `data` holds exactly the file's bytes of this segment. */
export function sealSegment(
  blob: BlobPlan,
  { index, data }: { readonly index: number; readonly data: Uint8Array },
  { crypto }: { readonly crypto: CryptoProvider },
): CoreOutcome<Uint8Array> {
  const { plainStart, plainEnd, isLast } = segmentPlace(blob.plan, index);
  if (data.length !== fileBytesIn(blob, index)) return failed("blob_range");
  const size = plainEnd - plainStart;
  let padded = data;
  if (data.length < size) {
    padded = new Uint8Array(size);
    padded.set(data);
  }
  const nonce = segmentNonce(blob.noncePrefix, index, isLast);
  return done(storageCipher(crypto).aeadSeal(blob.key, nonce, { aad: NO_AAD, data: padded }));
}

/** The file's bytes of this segment, without padding. */
export function openSegment(
  blob: BlobPlan,
  { index, sealed }: { readonly index: number; readonly sealed: Uint8Array },
  { crypto }: { readonly crypto: CryptoProvider },
): CoreOutcome<Uint8Array> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= blob.plan.segments) return failed("blob_range");
  const { isLast } = segmentPlace(blob.plan, index);
  const nonce = segmentNonce(blob.noncePrefix, index, isLast);
  const padded = storageCipher(crypto).aeadOpen(blob.key, nonce, { aad: NO_AAD, data: sealed });
  const bytes = fileBytesIn(blob, index);
  if (padded === undefined || padded.length < bytes || padded.subarray(bytes).some((byte) => byte !== 0)) return failed("blob_damaged");
  return done(padded.subarray(0, bytes));
}
