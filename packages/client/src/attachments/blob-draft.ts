/** A sealed blob on its way to the server, as the draft of a row `upload`: CBOR [ blob id, write token, sealed bytes ]. */
import { bytesFrom, bytesOf, tupleOf } from "@sotto/core";
import { blobId, type BlobId, CAPABILITY_BYTES, encodeCbor, LIMITS } from "@sotto/protocol";
import { fits, readStored, type StoredOutcome } from "../store/stored-form.ts";

export type BlobDraft = { readonly blob: BlobId; readonly token: Uint8Array; readonly sealed: Uint8Array };

/** Padding and encryption add less than the content has. */
const SEALED_BYTES_MAX = 2 * LIMITS.noteBlobBytesMax;
const form = tupleOf<[BlobId, Uint8Array, Uint8Array]>(fits(blobId), bytesOf(CAPABILITY_BYTES), bytesFrom(1, SEALED_BYTES_MAX));

export function encodeBlobDraft({ blob, token, sealed }: BlobDraft): Uint8Array {
  return encodeCbor([blob, token, sealed]);
}

export function decodeBlobDraft(bytes: Uint8Array): StoredOutcome<BlobDraft> {
  const read = readStored(bytes, SEALED_BYTES_MAX + 1024, form);
  if (!read.ok) return read;
  const [blob, token, sealed] = read.value;
  return { ok: true, value: { blob, token, sealed } };
}
