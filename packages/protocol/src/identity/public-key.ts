/**
 * Public keys in forms: [ algorithm, key ], algorithm as a two-byte number, key opaque (spec/identity.md §Keys).
 *
 *   signature keys   algorithm is an MLS SignatureScheme (RFC 9420 §17.1): 0x0807 Ed25519
 *   inbox keys       algorithm is an MLS ciphersuite id: its KEM, KDF and AEAD
 */
import * as v from "valibot";
import { bytesWithin, uint16 } from "../codec/fields.ts";
import { hashWithLabel } from "../hashing.ts";
import { deviceId, type DeviceId, toId } from "../ids.ts";
import { LIMITS } from "../limits.ts";

export type PublicKey = { readonly algorithm: number; readonly key: Uint8Array };

export const ED25519 = 0x0807;

export const publicKeyWire = v.strictTuple([uint16, bytesWithin(16, LIMITS.publicKeyBytesMax)]);
export type PublicKeyWire = [number, Uint8Array];

export function publicKeyToWire(key: PublicKey): PublicKeyWire {
  return [key.algorithm, key.key];
}

export function publicKeyFromWire([algorithm, key]: PublicKeyWire): PublicKey {
  return { algorithm, key };
}

/** A device: its MLS leaf signature key, and the key to which strangers seal what they put into its inbox. */
export type Device = { readonly signatureKey: PublicKey; readonly inboxKey: PublicKey };

export const deviceWire = v.strictTuple([publicKeyWire, publicKeyWire]);
export type DeviceWire = [PublicKeyWire, PublicKeyWire];

export function deviceToWire(device: Device): DeviceWire {
  return [publicKeyToWire(device.signatureKey), publicKeyToWire(device.inboxKey)];
}

export function deviceFromWire([signatureKey, inboxKey]: DeviceWire): Device {
  return { signatureKey: publicKeyFromWire(signatureKey), inboxKey: publicKeyFromWire(inboxKey) };
}

/** The first 16 bytes of SHA-256(labelled("device id v1", algorithm u16 ‖ key)): nobody can claim the id of another's key. */
export function deviceIdOf(signatureKey: PublicKey): DeviceId {
  const algorithm = Uint8Array.of(signatureKey.algorithm >>> 8, signatureKey.algorithm & 0xff);
  return toId(deviceId, hashWithLabel("device id v1", algorithm, signatureKey.key).slice(0, 16));
}
