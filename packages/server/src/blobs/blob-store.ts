/** The port to blobs (spec/server.md §Blobs): bytes by id, written in pieces, complete or not there. */
import type { Readable } from "node:stream";
import type { BlobId, Outcome } from "@sotto/protocol";

export type BlobStatus = { readonly size: number; readonly offset: number; readonly expiresAt: number };

export type NewBlob = {
  readonly blob: BlobId;
  readonly size: number;
  readonly write: Uint8Array;
  /** When it is gone if nothing of it has arrived. */
  readonly expiresAt: number;
};

export type BlobUpload = {
  readonly blob: BlobId;
  readonly token: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly bytes: Readable;
  /** When the blob is gone, if these are its first bytes. */
  readonly expiresAt: number;
};

export type ByteRange = { readonly start: number; /** Inclusive. */ readonly end: number };

export interface BlobStore {
  /**
   * The status also if the same blob was made before, with the later expiry if nothing of it has arrived; `blob_exists` for another one,
   * `quota_exceeded` if all together would be too large.
   */
  create(blob: NewBlob): Promise<Outcome<BlobStatus>>;
  status(blob: BlobId): Promise<Outcome<BlobStatus>>;
  /** Takes bytes until they end or break off; what arrived is durable when this resolves. */
  upload(upload: BlobUpload): Promise<Outcome<BlobStatus>>;
  read(blob: BlobId, range: ByteRange): Promise<Outcome<Readable>>;
  delete(blob: BlobId, token: Uint8Array): Promise<Outcome<null>>;
  /** Forgets blobs that expired before this time, in a small step. Whether there is more to do. */
  expire(before: number): Promise<boolean>;
  /** Room taken, uploads counted as if they were whole. */
  bytesTotal(): Promise<number>;
}
