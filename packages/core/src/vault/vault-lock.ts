/**
 * The lock of the vault, and what lies behind it (spec/vault.md). The vault's key is random; its lock is a secret of 32 bytes that the client
 * stretches from a passphrase of its own.
 *
 *   lock    CBOR [ version 1, salt (16), check (32), nonce (12), sealed (48) ]
 *             key   = derive(secret, "vault lock v1", salt, 32)           AES-256-GCM, aad = salt
 *             check = derive(secret, "vault lock check v1", salt, 32)     AES-GCM does not commit to its key
 *   record  nonce (12) ‖ AES-256-GCM under derive(vault key, "vault record v1", item id, 32), aad = item id
 */
import { concatBytes, encodeCbor, equalTags } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { bytesOf, isOne, readVersioned, tupleOf } from "../form.ts";
import { type CoreLabel, derive } from "../labels.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { messageSuite, storageCipher } from "../suite.ts";

const LOCK_BYTES_MAX = 256;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const SECRET_BYTES_MIN = 32;

const form = tupleOf<[1, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>(
  isOne,
  bytesOf(SALT_BYTES),
  bytesOf(KEY_BYTES),
  bytesOf(NONCE_BYTES),
  bytesOf(KEY_BYTES + 16),
);

type Crypto = Pick<CoreContext, "crypto">;

function derived(secret: Uint8Array, [label, context]: readonly [CoreLabel, Uint8Array], { crypto }: Crypto): Uint8Array {
  return derive(messageSuite(crypto), secret, { label, context, length: KEY_BYTES });
}

export function createVaultKey(context: CoreContext): Uint8Array {
  return context.random(KEY_BYTES);
}

/** `secret`: at least 32 bytes of full strength; nothing is stretched here. */
export function lockVault(vaultKey: Uint8Array, secret: Uint8Array, context: CoreContext): CoreOutcome<Uint8Array> {
  if (secret.length < SECRET_BYTES_MIN) return failed("unlock_failed");
  const [salt, nonce] = [context.random(SALT_BYTES), context.random(NONCE_BYTES)];
  const check = derived(secret, ["vault lock check v1", salt], context);
  const key = derived(secret, ["vault lock v1", salt], context);
  return done(encodeCbor([1, salt, check, nonce, storageCipher(context.crypto).aeadSeal(key, nonce, { aad: salt, data: vaultKey })]));
}

/** Fails with `unlock_failed` for a wrong secret. */
export function unlockVault(lock: Uint8Array, secret: Uint8Array, context: Crypto): CoreOutcome<Uint8Array> {
  const read = readVersioned(lock, { bytesMax: LOCK_BYTES_MAX, guard: form, otherwise: "store_damaged" });
  if (!read.ok) return read;
  const [, salt, check, nonce, sealed] = read.value;
  if (secret.length < SECRET_BYTES_MIN) return failed("unlock_failed");
  if (!equalTags(check, derived(secret, ["vault lock check v1", salt], context))) return failed("unlock_failed");
  const key = derived(secret, ["vault lock v1", salt], context);
  const vaultKey = storageCipher(context.crypto).aeadOpen(key, nonce, { aad: salt, data: sealed });
  return vaultKey === undefined ? failed("unlock_failed") : done(vaultKey);
}

/** What belongs to one item, as bytes. */
export type VaultRecord = { readonly item: Uint8Array; readonly bytes: Uint8Array };

export function sealVaultRecord(vaultKey: Uint8Array, { item, bytes }: VaultRecord, context: CoreContext): Uint8Array {
  const nonce = context.random(NONCE_BYTES);
  const key = derived(vaultKey, ["vault record v1", item], context);
  return concatBytes(nonce, storageCipher(context.crypto).aeadSeal(key, nonce, { aad: item, data: bytes }));
}

/** `bytes` as sealed. Fails with `store_damaged` for anything that was not sealed for this item. */
export function openVaultRecord(vaultKey: Uint8Array, { item, bytes }: VaultRecord, context: Crypto): CoreOutcome<Uint8Array> {
  const key = derived(vaultKey, ["vault record v1", item], context);
  const opened = storageCipher(context.crypto).aeadOpen(key, bytes.slice(0, NONCE_BYTES), { aad: item, data: bytes.slice(NONCE_BYTES) });
  return opened === undefined ? failed("store_damaged") : done(opened);
}
