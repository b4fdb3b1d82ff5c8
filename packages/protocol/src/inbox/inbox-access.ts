/**
 * What a server keeps to tell who may write to an inbox (spec/inbox.md §Authorisation):
 *
 *   contact   SHA-256(labelled("contact v1", accountId ‖ token))      token: 32 bytes
 *   gate      SHA-256(labelled("gate v1", accountId ‖ code))          code: text in UTF-8
 *
 * A gate code is short and its hash can be guessed from: it keeps strangers out, not the operator.
 */
import { hashWithLabel } from "../hashing.ts";
import type { AccountId } from "../ids.ts";
import { encodeUtf8 } from "../utf8.ts";

export function contactHash(account: AccountId, token: Uint8Array): Uint8Array {
  return hashWithLabel("contact v1", account, token);
}

export function gateCodeHash(account: AccountId, gateCode: string): Uint8Array {
  return hashWithLabel("gate v1", account, encodeUtf8(gateCode));
}
