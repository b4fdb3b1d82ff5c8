/**
 * The first frame on every connection, sent by the server: what it speaks, how to log in, and its limits, all at most those of limits.ts.
 */
import * as v from "valibot";
import { bytesOf, textUpTo, timeMs, uint } from "../codec/fields.ts";
import type { FormOf } from "../codec/form.ts";
import { LOGIN_NONCE_BYTES } from "../identity/login.ts";
import { push } from "./operation.ts";

export const PROTOCOL_VERSION = 1;
/** Paths of the two WebSockets, and their subprotocol. */
export const CONNECTION_PATHS = { account: "/v1/account", anonymous: "/v1/anonymous" } as const;
export const SUBPROTOCOL = "sotto.v1";

export const hello = v.strictObject({
  protocol: uint,
  software: textUpTo(64),
  time: timeMs,
  /** On an account connection the login nonce, else null. */
  nonce: v.nullable(bytesOf(LOGIN_NONCE_BYTES)),
  /** Whether a new account needs an invitation code, and whether anonymous tokens are asked for. */
  inviteRequired: v.boolean(),
  paymentRequired: v.boolean(),
  entryDaysKept: uint,
  blobDaysKept: uint,
  blobBytesMax: uint,
});
export type Hello = FormOf<typeof hello>;

export const HELLO_PUSHES = {
  "account.hello": push({ connection: "account", payload: hello }),
  "anonymous.hello": push({ connection: "anonymous", payload: hello }),
} as const;
