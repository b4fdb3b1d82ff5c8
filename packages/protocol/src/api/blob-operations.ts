/**
 * Blobs over HTTP (spec/blobs.md §Operations), without cookies or anything else that tells who asks. A token goes into the header
 * `Authorization: Sotto <base64url>`, the place of an upload into `Upload-Offset`, ranges into `Range: bytes=…` (RFC 9110 §14).
 * Knowing a blob's id is the right to read its ciphertext; uploading and deleting need the write token. Failures have the form `problem`.
 */
import * as v from "valibot";
import { noFields, textUpTo, timeMs, uint, uintUpTo } from "../codec/fields.ts";
import { blobId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { capabilityHashField } from "../log/capability.ts";
import { httpOperation } from "./operation.ts";
import { payment } from "./payment.ts";

export const CBOR_TYPE = "application/cbor";
export const BLOB_HEADERS = { token: "authorization", tokenScheme: "Sotto", offset: "upload-offset", retryAfter: "retry-after" } as const;

/** The body of a failed HTTP answer. `code` is an ErrorCode, read as a text so that newer ones can be told from broken ones. */
export const problem = v.strictObject({ code: textUpTo(64, 1), retryAfterMs: v.nullable(uint) });

export const blobStatus = v.strictObject({ size: uint, offset: uint, expiresAt: timeMs });

export const BLOB_OPERATIONS = {
  /** Makes room for exactly `size` bytes. The same request again answers the same, so it can be repeated. */
  "blob.create": httpOperation({
    connection: "anonymous",
    method: "POST",
    path: "/v1/blobs",
    access: "payment",
    cost: "expensive",
    request: v.strictObject({ blob: blobId, size: uintUpTo(LIMITS.blobBytesMax), write: capabilityHashField, payment }),
    requestBody: "form",
    requestBytesMax: 32 * 1024,
    response: blobStatus,
    responseBody: "form",
    errors: ["blob_exists", "blob_too_large", "payment_required", "payment_invalid", "payment_spent", "quota_exceeded"],
  }),
  /** Appends at `Upload-Offset`. What arrived before a broken connection is kept. */
  "blob.upload": httpOperation({
    connection: "anonymous",
    method: "PATCH",
    path: "/v1/blobs/{blob}",
    access: "capability",
    cost: "write",
    request: v.null(),
    requestBody: "bytes",
    requestBytesMax: LIMITS.blobChunkBytesMax,
    response: blobStatus,
    responseBody: "form",
    errors: ["blob_unknown", "blob_offset", "blob_complete", "blob_too_large", "capability_invalid"],
  }),
  "blob.status": httpOperation({
    connection: "anonymous",
    method: "GET",
    path: "/v1/blobs/{blob}/status",
    access: "open",
    cost: "cheap",
    request: v.null(),
    requestBody: "none",
    requestBytesMax: 0,
    response: blobStatus,
    responseBody: "form",
    errors: ["blob_unknown"],
  }),
  /** The whole blob, or the one range asked for. */
  "blob.read": httpOperation({
    connection: "anonymous",
    method: "GET",
    path: "/v1/blobs/{blob}",
    access: "open",
    cost: "cheap",
    request: v.null(),
    requestBody: "none",
    requestBytesMax: 0,
    response: v.null(),
    responseBody: "bytes",
    errors: ["blob_unknown", "blob_incomplete", "blob_range"],
  }),
  "blob.delete": httpOperation({
    connection: "anonymous",
    method: "DELETE",
    path: "/v1/blobs/{blob}",
    access: "capability",
    cost: "write",
    request: v.null(),
    requestBody: "none",
    requestBytesMax: 0,
    response: noFields,
    responseBody: "form",
    errors: ["blob_unknown", "capability_invalid"],
  }),
} as const;
