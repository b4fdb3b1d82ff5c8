/**
 * The API table: every operation and push of the protocol, with its types. Client and server both compile against it, so neither can ask nor
 * answer what the other does not know.
 */
import type { FormOf } from "../codec/form.ts";
import { ACCOUNT_OPERATIONS, ACCOUNT_PUSHES } from "./account-operations.ts";
import { BLOB_OPERATIONS } from "./blob-operations.ts";
import { HELLO_PUSHES } from "./hello.ts";
import { INBOX_OPERATIONS, INBOX_PUSHES } from "./inbox-operations.ts";
import { LOG_OPERATIONS, LOG_PUSHES } from "./log-operations.ts";
import type { Connection } from "./operation.ts";

/** Request and answer over a WebSocket. */
export const FRAME_API = { ...LOG_OPERATIONS, ...ACCOUNT_OPERATIONS, ...INBOX_OPERATIONS } as const;
/** Over HTTP. */
export const HTTP_API = BLOB_OPERATIONS;
/** From the server, unasked. */
export const PUSHES = { ...HELLO_PUSHES, ...LOG_PUSHES, ...ACCOUNT_PUSHES, ...INBOX_PUSHES } as const;

export type FrameOperation = keyof typeof FRAME_API;
export type HttpOperationName = keyof typeof HTTP_API;
export type PushName = keyof typeof PUSHES;

export type RequestOf<Name extends FrameOperation> = FormOf<(typeof FRAME_API)[Name]["request"]>;
export type ResponseOf<Name extends FrameOperation> = FormOf<(typeof FRAME_API)[Name]["response"]>;
export type HttpRequestOf<Name extends HttpOperationName> = FormOf<(typeof HTTP_API)[Name]["request"]>;
export type HttpResponseOf<Name extends HttpOperationName> = FormOf<(typeof HTTP_API)[Name]["response"]>;
export type PushPayload<Name extends PushName> = FormOf<(typeof PUSHES)[Name]["payload"]>;

/** A request with its name, as a union over which a server switches. */
export type AnyRequest = { [Name in FrameOperation]: { readonly operation: Name; readonly request: RequestOf<Name> } }[FrameOperation];
export type AnyPush = { [Name in PushName]: { readonly push: Name; readonly payload: PushPayload<Name> } }[PushName];

export function isFrameOperation(name: string): name is FrameOperation {
  return Object.hasOwn(FRAME_API, name);
}

export function isPushName(name: string): name is PushName {
  return Object.hasOwn(PUSHES, name);
}

export function connectionOf(name: FrameOperation): Connection {
  return FRAME_API[name].connection;
}
