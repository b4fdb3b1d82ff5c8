/**
 * Outcomes of core. A failure has a code of core, of the protocol or of the MLS engine; all are stable and none is in two of the lists.
 * Messages are fixed sentences without user data.
 */
import type { Failure as MlsFailure, MlsErrorCode } from "@sotto/mls";
import { type AccountId, type ErrorCode, ERRORS } from "@sotto/protocol";

const sentences = {
  recovery_key_invalid: "The recovery key is mistyped. It has 52 letters and digits; compare it with what you wrote down.",
  unlock_failed: "The key does not open this copy of the master key. Try another way to unlock.",
  account_card_invalid: "The server's copy of the account's settings does not open. Link this device from another one instead.",
  device_keys_invalid: "The stored keys of this device are damaged. Restore them, or link the device again.",
  key_package_invalid: "A key package does not belong to a current device of its account. Fetch the identity chain and another package.",
  conversation_invalid: "The stored or received state of a conversation is damaged. Ask a member for a new invitation.",
  conversation_mismatch:
    "The conversation's state does not have the hash that its members agreed on. Ask another member for an invitation.",
  chain_needed: "An identity chain has to be fetched first. Fetch the chains of the listed accounts, then try again.",
  chain_refused: "A device does not belong to the account that it claims. Do not continue with this member.",
  nothing_to_do: "There is nothing to change. Do not send anything.",
  evidence_invalid: "The evidence is malformed or does not show what it claims. Do not rely on it.",
  join_info_invalid: "The invitation of another device is malformed. Ask for a new one.",
  link_code_invalid: "The code is mistyped. It has 26 letters and digits; compare it with the one on the other device.",
  link_message_invalid: "The other device's answer is malformed. Start linking again with a new code.",
  ephemeral_invalid: "A short-lived signal is malformed or not from a member. Ignore it.",
} as const;

export type CoreOnlyCode = keyof typeof sentences;
export type CoreErrorCode = CoreOnlyCode | ErrorCode | MlsErrorCode;

export type CoreFailure = {
  readonly ok: false;
  readonly code: CoreErrorCode;
  readonly message: string;
  /** With `chain_needed`: the accounts whose chains to fetch. */
  readonly accounts?: readonly AccountId[];
};
export type CoreOutcome<T> = { readonly ok: true; readonly value: T } | CoreFailure;

export const CORE_ERRORS: Readonly<Record<CoreOnlyCode, string>> = sentences;

export function done<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

const isOwn = (code: string): code is CoreOnlyCode => Object.hasOwn(sentences, code);

export function failed(code: CoreOnlyCode | ErrorCode, accounts?: readonly AccountId[]): CoreFailure {
  const message = isOwn(code) ? sentences[code] : ERRORS[code].message;
  return accounts === undefined ? { ok: false, code, message } : { ok: false, code, message, accounts };
}

/** A failure of the engine without its own list of open checks. */
export function fromMls({ code, message }: MlsFailure): CoreFailure {
  return { ok: false, code, message };
}
