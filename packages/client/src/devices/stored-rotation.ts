/**
 * A rotation of keys that the chain has not taken yet, as the setting `rotation` holds it: CBOR
 *
 *   [ chain entry, generation, master key, wrapped key, recovery key as text ]
 */
import { bytesFrom, bytesOf, isUint, type MasterKey, tupleOf } from "@sotto/core";
import { encodeCbor, LIMITS } from "@sotto/protocol";
import { readStored, type StoredOutcome, textUpTo } from "../store/stored-form.ts";

export type Rotation = {
  readonly entry: Uint8Array;
  readonly masterKey: MasterKey;
  readonly wrappedKey: Uint8Array;
  readonly recoveryText: string;
};

const MASTER_KEY_BYTES = 32;
const TEXT_BYTES_MAX = 128;
const ROTATION_BYTES_MAX = 2 * LIMITS.chainEntryBytesMax;
const form = tupleOf<[Uint8Array, number, Uint8Array, Uint8Array, string]>(
  bytesFrom(1, LIMITS.chainEntryBytesMax),
  isUint,
  bytesOf(MASTER_KEY_BYTES),
  bytesFrom(1, LIMITS.wrappedKeyBytesMax),
  textUpTo(TEXT_BYTES_MAX),
);

export function encodeRotation({ entry, masterKey, wrappedKey, recoveryText }: Rotation): Uint8Array {
  return encodeCbor([entry, masterKey.generation, masterKey.key, wrappedKey, recoveryText]);
}

export function decodeRotation(bytes: Uint8Array): StoredOutcome<Rotation> {
  const read = readStored(bytes, ROTATION_BYTES_MAX, form);
  if (!read.ok) return read;
  const [entry, generation, key, wrappedKey, recoveryText] = read.value;
  return { ok: true, value: { entry, masterKey: { generation, key }, wrappedKey, recoveryText } };
}
