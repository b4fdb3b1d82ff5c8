/**
 * The master key as the server may keep it: one copy per unlocker (spec/backup.md §Unlockers), CBOR
 *
 *   [ version 1, unlocker, generation, salt (16), check (32), nonce (12), sealed (48) ]
 *     unlocker     0 recovery key, 1 passkey (PRF output), 2 passphrase (OPAQUE export key)
 *     generation   counts master keys of the account, from 1
 *
 *   context = accountId ‖ unlocker ‖ generation u64 ‖ salt
 *   key     = derive(unlocker secret, "master key wrap v1", context, 32)     AES-256-GCM, aad = context
 *   check   = derive(unlocker secret, "master key check v1", context, 32)
 *
 * An unlocker secret has at least 32 bytes of full strength, so nothing is stretched here. AES-GCM does not commit to its key; `check` does,
 * so that nobody can make one copy that opens differently under two secrets.
 */
import { type AccountId, concatBytes, encodeCbor, equalTags, uint64ToBytes } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { bytesOf, isOne, isUint, readVersioned, tupleOf, uintUpTo } from "../form.ts";
import { derive } from "../labels.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { messageSuite, storageCipher } from "../suite.ts";
import { MASTER_KEY_BYTES } from "./master-key.ts";

const UNLOCKERS = ["recoveryKey", "passkey", "passphrase"] as const;
export type Unlocker = (typeof UNLOCKERS)[number];

export type MasterKey = { readonly key: Uint8Array; readonly generation: number };

/** Whose copy it is, and what opens it. */
export type Unlocking = { readonly account: AccountId; readonly unlocker: Unlocker; readonly secret: Uint8Array };

const WRAPPED_BYTES_MAX = 512;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const SECRET_BYTES_MIN = 32;

const form = tupleOf<[1, number, number, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>(
  isOne,
  uintUpTo(UNLOCKERS.length - 1),
  isUint,
  bytesOf(SALT_BYTES),
  bytesOf(32),
  bytesOf(NONCE_BYTES),
  bytesOf(MASTER_KEY_BYTES + 16),
);
const READING = { bytesMax: WRAPPED_BYTES_MAX, guard: form, otherwise: "form_invalid" } as const;

type Wrapping = { readonly aad: Uint8Array; readonly key: Uint8Array; readonly check: Uint8Array };

function wrappingFor(by: Unlocking, of: { readonly generation: number; readonly salt: Uint8Array }, { crypto }: CoreContext): Wrapping {
  const suite = messageSuite(crypto);
  const unlocker = Uint8Array.of(UNLOCKERS.indexOf(by.unlocker));
  const aad = concatBytes(by.account, unlocker, uint64ToBytes(of.generation), of.salt);
  return {
    aad,
    key: derive(suite, by.secret, { label: "master key wrap v1", context: aad, length: 32 }),
    check: derive(suite, by.secret, { label: "master key check v1", context: aad, length: 32 }),
  };
}

export function wrapMasterKey(masterKey: MasterKey, by: Unlocking, context: CoreContext): CoreOutcome<Uint8Array> {
  if (by.secret.length < SECRET_BYTES_MIN) return failed("unlock_failed");
  const salt = context.random(SALT_BYTES);
  const nonce = context.random(NONCE_BYTES);
  const { generation } = masterKey;
  const { aad, key, check } = wrappingFor(by, { generation, salt }, context);
  const sealed = storageCipher(context.crypto).aeadSeal(key, nonce, { aad, data: masterKey.key });
  return done(encodeCbor([1, UNLOCKERS.indexOf(by.unlocker), generation, salt, check, nonce, sealed]));
}

/** Which unlocker a copy is for, so that the right secret can be asked for. */
export function inspectWrappedKey(wrapped: Uint8Array): CoreOutcome<{ readonly unlocker: Unlocker; readonly generation: number }> {
  const read = readVersioned(wrapped, READING);
  if (!read.ok) return read;
  const [, number, generation] = read.value;
  const unlocker = UNLOCKERS[number];
  return unlocker === undefined ? failed("form_invalid") : done({ unlocker, generation });
}

export function unwrapMasterKey(wrapped: Uint8Array, by: Unlocking, context: CoreContext): CoreOutcome<MasterKey> {
  const read = readVersioned(wrapped, READING);
  if (!read.ok) return read;
  const [, unlocker, generation, salt, check, nonce, sealed] = read.value;
  if (UNLOCKERS[unlocker] !== by.unlocker || by.secret.length < SECRET_BYTES_MIN) return failed("unlock_failed");
  const wrapping = wrappingFor(by, { generation, salt }, context);
  if (!equalTags(check, wrapping.check)) return failed("unlock_failed");
  const key = storageCipher(context.crypto).aeadOpen(wrapping.key, nonce, { aad: wrapping.aad, data: sealed });
  return key === undefined ? failed("unlock_failed") : done({ key, generation });
}
