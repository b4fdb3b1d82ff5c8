/** Uploading over HTTP as a client does. */
import { randomBytes } from "node:crypto";
import {
  type AnonymousToken,
  BLOB_OPERATIONS,
  blobId,
  blobStatus,
  bytesToBase64url,
  bytesToHex,
  capabilityHash,
  CBOR_TYPE,
  decodeForm,
  encodeForm,
  expectSuccess,
  idToText,
  problem,
  toId,
} from "@sotto/protocol";

export type TestBlob = { readonly id: string; readonly hex: string; readonly bytes: Buffer; readonly token: string };

export const statusOf = async (response: Response) =>
  expectSuccess(decodeForm(blobStatus, new Uint8Array(await response.arrayBuffer()), 1_000));
export const problemOf = async (response: Response) => {
  const { code } = expectSuccess(decodeForm(problem, new Uint8Array(await response.arrayBuffer()), 1_000));
  return { status: response.status, code };
};

export function newBlob(bytes: Buffer) {
  const blob = toId(blobId, new Uint8Array(randomBytes(16)));
  const token = new Uint8Array(randomBytes(32));
  const payment: AnonymousToken[] = [];
  const form = { blob, size: bytes.length, write: capabilityHash(blob, token), payment };
  return { id: idToText(blob), hex: bytesToHex(blob), bytes, token: bytesToBase64url(token), form };
}

export type BlobForm = ReturnType<typeof newBlob>["form"];

export const createBlob = (address: string, form: BlobForm): Promise<Response> =>
  fetch(`${address}/v1/blobs`, {
    method: "POST",
    headers: { "content-type": CBOR_TYPE },
    body: Buffer.from(encodeForm(BLOB_OPERATIONS["blob.create"].request, form)),
  });

export const patchBlob = (address: string, blob: TestBlob, part: { readonly offset: number; readonly end: number }): Promise<Response> =>
  fetch(`${address}/v1/blobs/${blob.id}`, {
    method: "PATCH",
    headers: { authorization: `Sotto ${blob.token}`, "upload-offset": String(part.offset), "content-type": "application/octet-stream" },
    body: new Uint8Array(blob.bytes.subarray(part.offset, part.end)),
  });

/** A blob that is there whole. */
export async function uploadBlob(address: string, bytes: Buffer): Promise<TestBlob> {
  const blob = newBlob(bytes);
  await statusOf(await createBlob(address, blob.form));
  const { offset } = await statusOf(await patchBlob(address, blob, { offset: 0, end: bytes.length }));
  if (offset !== bytes.length) throw new Error("the upload is not whole");
  return blob;
}
