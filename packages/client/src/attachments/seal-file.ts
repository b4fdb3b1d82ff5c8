/**
 * A file as the pieces that are uploaded: read, sealed and hashed in one pass, 4 MiB at a time. The same file under the same keys gives the same
 * pieces, so an upload that was interrupted is gone through again from the start, and what the server has is left out.
 *
 * Two contents under one key and nonces would betray both, so the caller has to compare the hash of each piece with the one that it stored before
 * the piece left for the first time.
 */
import { type BlobHashes, type BlobPlan, type BlobSealer, createBlobSealer } from "@sotto/core";
import { SEGMENT_BYTES, SEGMENT_PLAIN_BYTES } from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Ports } from "../ports.ts";
import type { OpenSource } from "./ports.ts";

const SEGMENTS_PER_PIECE = 64;
const PIECE_BYTES = SEGMENTS_PER_PIECE * SEGMENT_BYTES;

export type SealedPiece = {
  readonly index: number;
  /** Where it begins in the blob. */
  readonly start: number;
  readonly length: number;
  readonly segments: readonly Uint8Array[];
  readonly hash: Uint8Array;
};

/** Pieces in order; the hashes of the whole at the end. Throws `file_changed` unless exactly the planned bytes can be read. */
export async function* sealFile(
  source: OpenSource,
  blob: BlobPlan,
  ports: Pick<Ports, "crypto" | "createSha256">,
): AsyncGenerator<SealedPiece, BlobHashes> {
  const sealer = createBlobSealer(blob, ports);
  const segments = sealedSegments(source, blob, sealer);
  const pieces = Math.ceil(blob.plan.segments / SEGMENTS_PER_PIECE);
  for (let index = 0; index < pieces; index++) {
    yield await nextPiece(index, segments, ports);
  }
  const end = await segments.next();
  if (end.done !== true) throw new ClientError("file_changed");
  return orThrow(sealer.finish());
}

async function nextPiece(index: number, from: AsyncGenerator<Uint8Array, void>, { createSha256 }: Pick<Ports, "createSha256">) {
  const hash = createSha256();
  const segments: Uint8Array[] = [];
  let length = 0;
  while (segments.length < SEGMENTS_PER_PIECE) {
    const next = await from.next();
    if (next.done === true) break;
    hash.update(next.value);
    segments.push(next.value);
    length += next.value.length;
  }
  return { index, start: index * PIECE_BYTES, length, segments, hash: hash.digest() };
}

async function* sealedSegments(source: OpenSource, blob: BlobPlan, sealer: BlobSealer): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(16 * SEGMENT_PLAIN_BYTES);
  let at = 0;
  while (at < blob.fileBytes) {
    const read = await source.read(buffer.subarray(0, Math.min(buffer.length, blob.fileBytes - at)), at);
    if (read === 0) throw new ClientError("file_changed");
    at += read;
    yield* orThrow(sealer.push(buffer.subarray(0, read)));
  }
  if ((await source.read(buffer.subarray(0, 1), at)) > 0) throw new ClientError("file_changed");
  yield* sealer.rest();
}
