/**
 * One row of the API table (spec/log.md §API). An operation belongs to exactly one kind of connection, so that the two never mix:
 *
 *   account     the device's own: identity chain, key packages, inbox, quotas, anonymous tokens
 *   anonymous   logs, blobs, look-ups: never logged in, and opened without anything that tells who it is
 *
 * Frame operations are request and answer over a WebSocket; HTTP operations move the bytes of blobs.
 */
import type { Schema } from "../codec/form.ts";
import type { ErrorCode } from "../error-codes.ts";

export type Connection = "account" | "anonymous";
/** What opens the operation: nothing, the login of the connection, a capability in the request, or a payment in the request. */
export type Access = "open" | "login" | "capability" | "payment";
/** How a rate limiter counts it. */
export type Cost = "cheap" | "write" | "expensive";

export type Operation<Request extends Schema = Schema, Response extends Schema = Schema> = {
  readonly connection: Connection;
  readonly access: Access;
  readonly cost: Cost;
  readonly request: Request;
  readonly response: Response;
  readonly requestBytesMax: number;
  /** Codes that this operation answers besides {@link COMMON_ERRORS}. */
  readonly errors: readonly ErrorCode[];
};

export type HttpOperation<Request extends Schema = Schema, Response extends Schema = Schema> = Operation<Request, Response> & {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** `{blob}` stands for the base64url form of a blob id. */
  readonly path: string;
  /** What the body of request and response is: a CBOR form, raw bytes, or nothing. */
  readonly requestBody: "form" | "bytes" | "none";
  readonly responseBody: "form" | "bytes";
};

/** A push: what the server sends unasked. */
export type Push<Payload extends Schema = Schema> = { readonly connection: Connection; readonly payload: Payload };

/** Any operation may answer these. */
export const COMMON_ERRORS = [
  "cbor_truncated",
  "cbor_trailing",
  "cbor_not_shortest",
  "cbor_indefinite",
  "cbor_map_order",
  "cbor_map_duplicate",
  "cbor_text",
  "cbor_unsupported",
  "cbor_too_large",
  "cbor_too_deep",
  "cbor_too_many",
  "form_invalid",
  "form_length",
  "form_number",
  "form_text",
  "id_invalid",
  "version_unsupported",
  "frame_unknown",
  "operation_unknown",
  "rate_limited",
  "server_busy",
  "server_read_only",
  "server_disk_full",
  "server_failed",
  "server_stopping",
] as const satisfies readonly ErrorCode[];

export function operation<Q extends Schema, A extends Schema>(row: Operation<Q, A>): Operation<Q, A> {
  return row;
}

export function httpOperation<Q extends Schema, A extends Schema>(row: HttpOperation<Q, A>): HttpOperation<Q, A> {
  return row;
}

export function push<P extends Schema>(row: Push<P>): Push<P> {
  return row;
}
