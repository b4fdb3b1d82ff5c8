/**
 * The MLS credential of a device (spec/groups.md §Credential): basic, identity = CBOR [ version 1, accountId (32), deviceId (16) ].
 *
 * A leaf counts only if its signature key is the one that the device id is a hash of, so a credential names one key for ever; a device with
 * a new signature key is a new device.
 */
import { basicCredential, type Credential } from "@sotto/mls";
import { accountId, type AccountId, concatBytes, deviceId, type DeviceId, deviceIdOf, encodeCbor, equalBytes, toId } from "@sotto/protocol";
import { bytesOf, isOne, readForm, tupleOf } from "../form.ts";
import { signaturePublicKey } from "./device.ts";

/** A device of an account, as a member of a group. */
export type DeviceAddress = { readonly account: AccountId; readonly device: DeviceId };

const IDENTITY_BYTES_MAX = 64;
const identity = tupleOf<[1, Uint8Array, Uint8Array]>(isOne, bytesOf(32), bytesOf(16));

export function credentialOf({ account, device }: DeviceAddress): Credential {
  return basicCredential(encodeCbor([1, account, device]));
}

export function readCredential(credential: Credential): DeviceAddress | undefined {
  if (credential.kind !== "basic") return undefined;
  const form = readForm(credential.identity, IDENTITY_BYTES_MAX, identity);
  return form && { account: toId(accountId, form[1]), device: toId(deviceId, form[2]) };
}

/** What a leaf says of its owner. */
export type LeafClaim = { readonly credential: Credential; readonly signatureKey: Uint8Array };

/** Leaves are immutable and stay for many epochs, and every message asks for one's address. */
const addresses = new WeakMap<LeafClaim, DeviceAddress>();

/** The device that a leaf belongs to; undefined unless its key is that device's. */
export function leafAddress(leaf: LeafClaim): DeviceAddress | undefined {
  const remembered = addresses.get(leaf);
  if (remembered !== undefined) return remembered;
  const address = computeAddress(leaf);
  if (address !== undefined) addresses.set(leaf, address);
  return address;
}

function computeAddress(leaf: LeafClaim): DeviceAddress | undefined {
  const address = readCredential(leaf.credential);
  if (address === undefined) return undefined;
  return equalBytes(address.device, deviceIdOf(signaturePublicKey(leaf.signatureKey))) ? address : undefined;
}

/** A text that is equal exactly for equal addresses. */
export function addressKey({ account, device }: DeviceAddress): string {
  return String.fromCharCode(...concatBytes(account, device));
}

export function sameAddress(a: DeviceAddress, b: DeviceAddress): boolean {
  return equalBytes(a.account, b.account) && equalBytes(a.device, b.device);
}
