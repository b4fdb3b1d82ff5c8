/** A file that is encrypted as a blob (spec/blobs.md §Segments) into a file of the profile, piece by piece. */
import { type BlobHashes, type BlobKeys, createBlobKeys, createBlobOpener, createBlobSealer, planBlob } from "@sotto/core";
import { orThrow } from "../client-error.ts";
import type { Ports } from "../ports.ts";

export type OpenFile = { readonly bytes: number; open(): AsyncIterable<Uint8Array> };
export type SealingPorts = Pick<Ports, "crypto" | "random" | "createSha256">;
export type SealedFile = BlobHashes & { readonly keys: BlobKeys; readonly head: Uint8Array };

const HEAD_BYTES = 64;

/** Throws what `open` throws. */
export async function sealFile(file: OpenFile, write: (bytes: Uint8Array) => Promise<void>, ports: SealingPorts): Promise<SealedFile> {
  const keys = createBlobKeys(ports.random);
  const sealer = createBlobSealer(planBlob(keys, file.bytes), ports);
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of file.open()) {
    if (head.length === 0) head = chunk.slice(0, HEAD_BYTES);
    for (const piece of orThrow(sealer.push(chunk))) await write(piece);
  }
  for (const piece of sealer.rest()) await write(piece);
  return { keys, head, ...orThrow(sealer.finish()) };
}

export type KeptFile = BlobKeys & BlobHashes & { readonly bytes: number };

/**
 * The bytes of the file, in pieces. They are checked as they come, and as a whole at the end: who passes them on before must take them back if this
 * throws `blob_damaged`.
 */
export async function* openSealed(
  { bytes, ...sealed }: KeptFile,
  chunks: AsyncIterable<Uint8Array>,
  ports: Pick<SealingPorts, "crypto" | "createSha256">,
): AsyncGenerator<Uint8Array> {
  const opener = createBlobOpener(planBlob(sealed, bytes), sealed, ports);
  for await (const chunk of chunks) yield* orThrow(opener.push(chunk));
  orThrow(opener.finish());
}
