/**
 * Sizes of encrypted attachments (spec/blobs.md §Segments, §Padding). A file of n bytes is padded with zeros to padme(n), cut into segments
 * and sealed one by one:
 *
 *   segment i   65,520 bytes of padded file → 65,536 bytes of ciphertext (16 of them the tag); the last one is shorter
 *   nonce       prefix[7] ‖ i as u32 big-endian ‖ last (0x01 for the last segment, else 0x00)      12 bytes
 *
 * so that any range can be read alone and neither a cut nor an exchanged segment goes unnoticed. An empty file has one segment of one
 * padded byte. Padmé (Nikitin et al., PETS 2019) leaves the size O(log log n) bits of information and costs at most 12 %.
 */
import { concatBytes } from "../bytes.ts";
import { ProtocolError } from "../outcome.ts";

export const SEGMENT_BYTES = 65_536;
export const SEGMENT_TAG_BYTES = 16;
export const SEGMENT_PLAIN_BYTES = SEGMENT_BYTES - SEGMENT_TAG_BYTES;
export const NONCE_PREFIX_BYTES = 7;

/** The padded size: at least 1. */
export function padmeSize(size: number): number {
  if (size < 2) return 1;
  const exponent = Math.floor(Math.log2(size));
  const precision = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - precision);
  return Math.ceil(size / step) * step;
}

export type SegmentPlan = {
  readonly paddedBytes: number;
  readonly segments: number;
  /** Size of the blob. */
  readonly cipherBytes: number;
};

export function planSegments(fileBytes: number): SegmentPlan {
  const paddedBytes = padmeSize(fileBytes);
  const segments = Math.ceil(paddedBytes / SEGMENT_PLAIN_BYTES);
  return { paddedBytes, segments, cipherBytes: paddedBytes + segments * SEGMENT_TAG_BYTES };
}

export type SegmentPlace = {
  readonly plainStart: number;
  readonly plainEnd: number;
  readonly cipherStart: number;
  readonly cipherEnd: number;
  readonly isLast: boolean;
};

/** Where segment `index` lies in the padded file and in the blob; ends are exclusive. */
export function segmentPlace(plan: SegmentPlan, index: number): SegmentPlace {
  if (!Number.isSafeInteger(index) || index < 0 || index >= plan.segments) throw new ProtocolError("blob_range");
  const isLast = index === plan.segments - 1;
  const plainStart = index * SEGMENT_PLAIN_BYTES;
  const cipherStart = index * SEGMENT_BYTES;
  return {
    plainStart,
    plainEnd: isLast ? plan.paddedBytes : plainStart + SEGMENT_PLAIN_BYTES,
    cipherStart,
    cipherEnd: isLast ? plan.cipherBytes : cipherStart + SEGMENT_BYTES,
    isLast,
  };
}

/** First and last segment (inclusive) that hold bytes [start, end) of the file. */
export function segmentsOfRange(start: number, end: number): { readonly first: number; readonly last: number } {
  return { first: Math.floor(start / SEGMENT_PLAIN_BYTES), last: Math.floor(Math.max(start, end - 1) / SEGMENT_PLAIN_BYTES) };
}

export function segmentNonce(prefix: Uint8Array, index: number, isLast: boolean): Uint8Array {
  if (prefix.length !== NONCE_PREFIX_BYTES) throw new ProtocolError("form_length");
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, index);
  return concatBytes(prefix, counter, Uint8Array.of(isLast ? 1 : 0));
}
