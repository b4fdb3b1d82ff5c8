/**
 * The Account Master Key (spec/backup.md §Keys): 32 random bytes. What is kept for long derives from it:
 *
 *   derive(master key, label, accountId, 32)    "archive key v1" · "backup key v1" · "vault key v1" · "recovery signer v1"
 *
 * The recovery signer is the Ed25519 key pair with that seed; its public key is the `recoveryKey` of the identity chain. So whoever can open
 * the master key can add a device or reset the account, and a new master key comes with a `rotateRecovery` entry.
 */
import type { KeyPair, Random } from "@sotto/mls";
import type { AccountId, PublicKey } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { type CoreLabel, derive } from "../labels.ts";
import { messageSuite } from "../suite.ts";
import { signaturePublicKey } from "./device.ts";

export const MASTER_KEY_BYTES = 32;
const NO_ACCOUNT = new Uint8Array(0);

export function createMasterKey(random: Random): Uint8Array {
  return random(MASTER_KEY_BYTES);
}

function keyFor(
  masterKey: Uint8Array,
  by: { readonly label: CoreLabel; readonly context: Uint8Array },
  { crypto }: CoreContext,
): Uint8Array {
  return derive(messageSuite(crypto), masterKey, { ...by, length: 32 });
}

export type AccountKeys = { readonly archive: Uint8Array; readonly backup: Uint8Array; readonly vault: Uint8Array };

export function accountKeys(masterKey: Uint8Array, account: AccountId, context: CoreContext): AccountKeys {
  const key = (label: CoreLabel): Uint8Array => keyFor(masterKey, { label, context: account }, context);
  return { archive: key("archive key v1"), backup: key("backup key v1"), vault: key("vault key v1") };
}

/** The account id is the hash of an entry that names this key, so the id cannot be part of its derivation. */
export function recoverySigner(masterKey: Uint8Array, context: CoreContext): KeyPair {
  const privateKey = keyFor(masterKey, { label: "recovery signer v1", context: NO_ACCOUNT }, context);
  return { privateKey, publicKey: messageSuite(context.crypto).signaturePublicKey(privateKey) ?? new Uint8Array(0) };
}

export function recoveryPublicKey(masterKey: Uint8Array, context: CoreContext): PublicKey {
  return signaturePublicKey(recoverySigner(masterKey, context).publicKey);
}
