/**
 * Key packages (RFC 9420 §10): what a device publishes so that others can add it while it sleeps (spec/groups.md §Key packages). Uploaded as
 * MLSMessages; the private half is stored by the device as CBOR
 *
 *   [ version 1, MLSMessage, init private key, leaf private key ]       holds secrets: encrypt it
 */
import { createKeyPackage, decodeMlsMessage, encodeMlsMessage, isLastResort, type KeyPackage, type OwnKeyPackage } from "@sotto/mls";
import { encodeCbor, equalBytes, LIMITS } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { bytesFrom, isOne, readVersioned, tupleOf } from "../form.ts";
import { addressKey, credentialOf, type DeviceAddress, leafAddress, sameAddress } from "../identity/credential.ts";
import type { OwnDevice } from "../identity/device.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { MESSAGE_SUITE, messageSuite } from "../suite.ts";
import { callMls } from "./mls-context.ts";

/** A key package of this device with its private half. */
export type StoredKeyPackage = { readonly message: Uint8Array; readonly own: OwnKeyPackage; readonly isLastResort: boolean };

const STORED_BYTES_MAX = 2 * LIMITS.keyPackageBytesMax;
const stored = tupleOf<[1, Uint8Array, Uint8Array, Uint8Array]>(
  isOne,
  bytesFrom(1, LIMITS.keyPackageBytesMax),
  bytesFrom(16, 4096),
  bytesFrom(16, 4096),
);

export function mlsIdentity(device: OwnDevice): { credential: ReturnType<typeof credentialOf>; signatureKeys: OwnDevice["signatureKeys"] } {
  return { credential: credentialOf({ account: device.account, device: device.id }), signatureKeys: device.signatureKeys };
}

/** The key package of last resort is used when the others are gone, and by several inviters; replace it after use. */
export function makeKeyPackage(
  device: OwnDevice,
  options: { readonly lastResort: boolean },
  context: CoreContext,
): CoreOutcome<StoredKeyPackage> {
  const request = { suiteId: MESSAGE_SUITE, identity: mlsIdentity(device), lastResort: options.lastResort };
  const made = callMls({ ...context, chains: () => undefined }, "own", (mls) => createKeyPackage(request, mls));
  if (!made.ok) return made;
  const message = encodeMlsMessage({ kind: "keyPackage", keyPackage: made.value.keyPackage });
  return done({ message, own: made.value, isLastResort: options.lastResort });
}

export function encodeStoredKeyPackage({ message, own }: StoredKeyPackage): Uint8Array {
  return encodeCbor([1, message, own.secrets.initKeys.privateKey, own.secrets.encryptionKeys.privateKey]);
}

export function decodeStoredKeyPackage(bytes: Uint8Array, device: OwnDevice, { crypto }: CoreContext): CoreOutcome<StoredKeyPackage> {
  const form = readVersioned(bytes, { bytesMax: STORED_BYTES_MAX, guard: stored, otherwise: "device_keys_invalid" });
  if (!form.ok) return form;
  const [, message, initKey, leafKey] = form.value;
  const keyPackage = readKeyPackage(message);
  if (keyPackage === undefined) return failed("device_keys_invalid");
  const suite = messageSuite(crypto);
  const initKeys = { privateKey: initKey, publicKey: suite.hpkePublicKey(initKey) ?? new Uint8Array(0) };
  const encryptionKeys = { privateKey: leafKey, publicKey: suite.hpkePublicKey(leafKey) ?? new Uint8Array(0) };
  const isPair =
    equalBytes(initKeys.publicKey, keyPackage.initKey) && equalBytes(encryptionKeys.publicKey, keyPackage.leafNode.encryptionKey);
  if (!isPair) return failed("device_keys_invalid");
  const secrets = { initKeys, encryptionKeys, signaturePrivateKey: device.signatureKeys.privateKey };
  return done({ message, own: { keyPackage, secrets }, isLastResort: isLastResort(keyPackage) });
}

function readKeyPackage(message: Uint8Array): KeyPackage | undefined {
  if (message.length > LIMITS.keyPackageBytesMax) return undefined;
  const decoded = decodeMlsMessage(message);
  return decoded.ok && decoded.value.kind === "keyPackage" ? decoded.value.keyPackage : undefined;
}

/** A device to be added, and the key package that the server gave for it. */
export type Invitee = DeviceAddress & { readonly keyPackage: Uint8Array };

/** The key packages of different devices, each of the device that it was asked for. */
export function readInvitees(invitees: readonly Invitee[]): CoreOutcome<KeyPackage[]> {
  const packages: KeyPackage[] = [];
  const seen = new Set<string>();
  for (const invitee of invitees) {
    const keyPackage = readKeyPackage(invitee.keyPackage);
    const address = keyPackage && leafAddress(keyPackage.leafNode);
    if (keyPackage === undefined || address === undefined || !sameAddress(address, invitee)) return failed("key_package_invalid");
    if (seen.has(addressKey(address))) return failed("key_package_invalid");
    seen.add(addressKey(address));
    packages.push(keyPackage);
  }
  return done(packages);
}
