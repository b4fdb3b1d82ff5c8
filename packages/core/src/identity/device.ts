/**
 * The keys of one device (spec/identity.md §Device keys), and how they are stored: CBOR
 *
 *   [ version 1, signature private key, signature public key, inbox private key, inbox public key ]
 *
 * The signature key is the MLS leaf key (Ed25519) and signs chain entries, logins and inbox notes. The inbox key is an HPKE key of the
 * message suite; strangers seal to it. Both live as long as the device. The stored form holds secrets: encrypt it.
 */
import type { CipherSuite, KeyPair } from "@sotto/mls";
import {
  type AccountId,
  type Device,
  type DeviceId,
  deviceIdOf,
  ED25519,
  encodeCbor,
  equalBytes,
  loginBytes,
  type PublicKey,
} from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { bytesFrom, isOne, readVersioned, tupleOf } from "../form.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { MESSAGE_SUITE, messageSuite } from "../suite.ts";

export type DeviceKeys = { readonly id: DeviceId; readonly signatureKeys: KeyPair; readonly inboxKeys: KeyPair };

/** A device of an account: who acts. */
export type OwnDevice = DeviceKeys & { readonly account: AccountId };

const STORED_BYTES_MAX = 16 * 1024;
const key = bytesFrom(16, 4096);
const stored = tupleOf<[1, Uint8Array, Uint8Array, Uint8Array, Uint8Array]>(isOne, key, key, key, key);

export function createDeviceKeys({ crypto, random }: CoreContext): DeviceKeys {
  const suite = messageSuite(crypto);
  const signatureKeys = suite.signatureKeyPair(random);
  const inboxKeys = suite.hpkeDeriveKeyPair(random(suite.hashLength));
  return { id: deviceIdOf(signaturePublicKey(signatureKeys.publicKey)), signatureKeys, inboxKeys };
}

export function signaturePublicKey(bytes: Uint8Array): PublicKey {
  return { algorithm: ED25519, key: bytes };
}

/** What an identity chain says of the device. */
export function devicePublic({ signatureKeys, inboxKeys }: DeviceKeys): Device {
  return {
    signatureKey: signaturePublicKey(signatureKeys.publicKey),
    inboxKey: { algorithm: MESSAGE_SUITE, key: inboxKeys.publicKey },
  };
}

export function signAsDevice({ signatureKeys }: DeviceKeys, message: Uint8Array, { crypto }: CoreContext): Uint8Array {
  return messageSuite(crypto).sign(signatureKeys.privateKey, message);
}

/** The signature that logs the device in; `nonce` is the server's, `origin` the server as it was addressed. */
export function signLogin(
  device: OwnDevice,
  challenge: { readonly origin: string; readonly nonce: Uint8Array },
  context: CoreContext,
): Uint8Array {
  return signAsDevice(device, loginBytes({ ...challenge, account: device.account, device: device.id }), context);
}

export function encodeDeviceKeys({ signatureKeys, inboxKeys }: DeviceKeys): Uint8Array {
  return encodeCbor([1, signatureKeys.privateKey, signatureKeys.publicKey, inboxKeys.privateKey, inboxKeys.publicKey]);
}

function isPair(derived: Uint8Array | undefined, publicKey: Uint8Array): boolean {
  return derived !== undefined && equalBytes(derived, publicKey);
}

function arePairs(suite: CipherSuite, signatureKeys: KeyPair, inboxKeys: KeyPair): boolean {
  return (
    isPair(suite.signaturePublicKey(signatureKeys.privateKey), signatureKeys.publicKey) &&
    isPair(suite.hpkePublicKey(inboxKeys.privateKey), inboxKeys.publicKey)
  );
}

export function decodeDeviceKeys(bytes: Uint8Array, { crypto }: CoreContext): CoreOutcome<DeviceKeys> {
  const form = readVersioned(bytes, { bytesMax: STORED_BYTES_MAX, guard: stored, otherwise: "device_keys_invalid" });
  if (!form.ok) return form;
  const [, signaturePrivate, signaturePublic, inboxPrivate, inboxPublic] = form.value;
  const signatureKeys = { privateKey: signaturePrivate, publicKey: signaturePublic };
  const inboxKeys = { privateKey: inboxPrivate, publicKey: inboxPublic };
  if (!arePairs(messageSuite(crypto), signatureKeys, inboxKeys)) return failed("device_keys_invalid");
  return done({ id: deviceIdOf(signaturePublicKey(signatureKeys.publicKey)), signatureKeys, inboxKeys });
}
