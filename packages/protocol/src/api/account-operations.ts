/**
 * The account connection: sign-up, login, identity chain, username, key packages, quotas, anonymous tokens (spec/identity.md §Operations).
 * `account.register` and `account.login` are all that is open before login.
 */
import * as v from "valibot";
import { bytesOf, bytesWithin, listOf, noFields, textUpTo, uint, uintUpTo } from "../codec/fields.ts";
import type { FormOf } from "../codec/form.ts";
import { accountId, deviceId } from "../ids.ts";
import { username } from "../identity/username.ts";
import { LIMITS } from "../limits.ts";
import { operation, push } from "./operation.ts";

const chainEntry = bytesWithin(1, LIMITS.chainEntryBytesMax);
const signature = bytesWithin(1, LIMITS.signatureBytesMax);
const keyPackage = bytesWithin(1, LIMITS.keyPackageBytesMax);
const SMALL = 1024;

/** Registers and logs in at once: the signature is over loginBytes, by the device of the genesis entry. */
export const registerRequest = v.strictObject({
  genesis: chainEntry,
  signature,
  username: v.nullable(username),
  invite: textUpTo(LIMITS.inviteCodeBytesMax),
});

export const loginRequest = v.strictObject({ account: accountId, device: deviceId, signature });

/** At most 128 entries from where they were asked for, and how many there are. */
export const chainPart = v.strictObject({ entries: listOf(chainEntry, LIMITS.chainEntriesPerAnswerMax), length: uint });

export const chainAppendResult = v.variant("outcome", [
  v.strictObject({ outcome: v.literal("appended"), length: uint }),
  v.strictObject({ outcome: v.literal("duplicate"), length: uint }),
  v.strictObject({ outcome: v.literal("conflict"), length: uint }),
]);

export const quotas = v.strictObject({
  keyPackages: uint,
  hasLastResort: v.boolean(),
  inboxItems: uint,
  inboxItemsMax: uint,
  tokens: uint,
  tokensNextAt: uint,
});
export type Quotas = FormOf<typeof quotas>;

/** Empty lists and bytes before anything was kept. */
export const keptForm = v.strictObject({
  wrappedKeys: listOf(bytesWithin(1, LIMITS.wrappedKeyBytesMax), LIMITS.wrappedKeysMax),
  card: bytesWithin(0, LIMITS.accountCardBytesMax),
});
export type Kept = FormOf<typeof keptForm>;

export const ACCOUNT_OPERATIONS = {
  "account.register": operation({
    connection: "account",
    access: "open",
    cost: "expensive",
    request: registerRequest,
    response: v.strictObject({ account: accountId }),
    requestBytesMax: LIMITS.chainEntryBytesMax + LIMITS.signatureBytesMax + SMALL,
    errors: [
      "account_exists",
      "already_logged_in",
      "invite_required",
      "invite_invalid",
      "login_failed",
      "login_expired",
      "username_invalid",
      "username_taken",
      "chain_kind",
      "chain_index",
      "chain_previous",
      "chain_author",
      "chain_signature",
    ],
  }),
  "account.login": operation({
    connection: "account",
    access: "open",
    cost: "expensive",
    request: loginRequest,
    response: v.strictObject({ chainLength: uint }),
    requestBytesMax: LIMITS.signatureBytesMax + SMALL,
    errors: ["account_unknown", "device_unknown", "device_revoked", "login_failed", "login_expired", "already_logged_in"],
  }),
  /** One's own chain. Only `directory.chain` of others goes over an anonymous connection, where it would name its asker. */
  "account.chain": operation({
    connection: "account",
    access: "login",
    cost: "cheap",
    request: v.strictObject({ from: uint }),
    response: chainPart,
    requestBytesMax: SMALL,
    errors: ["login_required"],
  }),
  /** For a new device, whose `add` entry an old one signs, and for revocations. `conflict`: fetch the chain and sign again. */
  "account.chainAppend": operation({
    connection: "account",
    access: "login",
    cost: "write",
    request: v.strictObject({ entry: chainEntry }),
    response: chainAppendResult,
    requestBytesMax: LIMITS.chainEntryBytesMax + SMALL,
    errors: [
      "login_required",
      "chain_kind",
      "chain_index",
      "chain_previous",
      "chain_author",
      "chain_signature",
      "chain_device_exists",
      "chain_device_unknown",
      "chain_device_limit",
      "chain_last_device",
      "chain_too_long",
    ],
  }),
  /** A reset or an entry by the recovery key, from a person without any device. */
  "account.recover": operation({
    connection: "account",
    access: "open",
    cost: "expensive",
    request: v.strictObject({ account: accountId, entry: chainEntry }),
    response: chainAppendResult,
    requestBytesMax: LIMITS.chainEntryBytesMax + SMALL,
    errors: [
      "account_unknown",
      "chain_kind",
      "chain_index",
      "chain_previous",
      "chain_author",
      "chain_signature",
      "chain_device_exists",
      "chain_too_long",
    ],
  }),
  /** Replaces what the account keeps for a device that comes with an unlocker: the wrapped master key, and the sealed account card. */
  "account.keep": operation({
    connection: "account",
    access: "login",
    cost: "write",
    request: keptForm,
    response: noFields,
    requestBytesMax: LIMITS.keptBytesMax,
    errors: ["login_required"],
  }),
  /** For a person without any device. What it answers is sealed under secrets of full strength. */
  "account.kept": operation({
    connection: "account",
    access: "open",
    cost: "expensive",
    request: v.strictObject({ account: accountId }),
    response: keptForm,
    requestBytesMax: SMALL,
    errors: ["account_unknown"],
  }),
  "account.setUsername": operation({
    connection: "account",
    access: "login",
    cost: "expensive",
    request: v.strictObject({ username: v.nullable(username) }),
    response: noFields,
    requestBytesMax: SMALL,
    errors: ["login_required", "username_invalid", "username_taken"],
  }),
  "account.quotas": operation({
    connection: "account",
    access: "login",
    cost: "cheap",
    request: noFields,
    response: quotas,
    requestBytesMax: SMALL,
    errors: ["login_required"],
  }),
  /**
   * Adds single-use key packages of the logged-in device, or puts them in the place of all that are kept; `lastResort` replaces the one that is
   * given when those are gone.
   */
  "keyPackages.upload": operation({
    connection: "account",
    access: "login",
    cost: "write",
    request: v.strictObject({
      packages: listOf(keyPackage, LIMITS.keyPackagesPerUploadMax),
      lastResort: v.nullable(keyPackage),
      replacesAll: v.boolean(),
    }),
    response: v.strictObject({ kept: uint }),
    requestBytesMax: LIMITS.keyPackageBytesMax * (LIMITS.keyPackagesPerUploadMax + 1) + SMALL,
    errors: ["login_required", "quota_exceeded"],
  }),
  /** Blind signatures for anonymous tokens. `proof` shows that all were made with the key of `key`. */
  "tokens.issue": operation({
    connection: "account",
    access: "login",
    cost: "expensive",
    request: v.strictObject({ key: bytesOf(8), blinded: listOf(bytesOf(32), LIMITS.tokensPerIssueMax, 1) }),
    response: v.strictObject({ evaluated: listOf(bytesOf(32), LIMITS.tokensPerIssueMax), proof: bytesOf(64) }),
    requestBytesMax: 40 * LIMITS.tokensPerIssueMax + SMALL,
    errors: ["login_required", "payment_invalid", "quota_exceeded"],
  }),
  "tokens.key": operation({
    connection: "account",
    access: "open",
    cost: "cheap",
    request: noFields,
    response: v.strictObject({ key: bytesOf(8), publicKey: bytesOf(32), tokensPerDay: uintUpTo(1_000_000) }),
    requestBytesMax: SMALL,
    errors: [],
  }),
} as const;

export const ACCOUNT_PUSHES = {
  /** The account's identity chain grew. */
  "account.chainChanged": push({ connection: "account", payload: v.strictObject({ length: uint }) }),
  /** Few single-use key packages are left: upload more. */
  "keyPackages.low": push({ connection: "account", payload: v.strictObject({ kept: uint }) }),
} as const;
