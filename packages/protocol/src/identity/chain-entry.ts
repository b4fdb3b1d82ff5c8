/**
 * An identity chain entry (spec/identity.md §Chain): a CBOR array of three.
 *
 *   [ signed     byte string: the encoding of the statement below
 *     signature  by the author
 *     proof ]    by the new device's signature key, where the entry brings one in; else empty
 *
 *   statement = [ version 1, kind, index, previous, author, claimedAt, … ]
 *     kind       0 genesis      … device, recoveryKey
 *                1 add          … device
 *                2 revoke       … deviceId
 *                3 rotate       … recoveryKey        (rotateRecovery)
 *                4 reset        … device, recoveryKey
 *     index      0 for genesis, then one more each
 *     previous   hash of the entry before (32 bytes); empty for genesis
 *     author     id of the signing device (16 bytes); empty for the recovery key
 *     claimedAt  ms since 1970, as the author says
 *     device     [ signature key, inbox key ], each [ algorithm, key ]
 *
 * Both signatures are over labelled("identity v1", signed). Hash of an entry = SHA-256(labelled("chain entry v1", all its bytes)); that of
 * the genesis entry is the account id. The proof keeps a person from adding someone else's device to the own account.
 */
import * as v from "valibot";
import { bytesOf, bytesWithin, timeMs, uintUpTo, versionOf } from "../codec/fields.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { checkForm, decodeForm, encodeForm } from "../codec/form.ts";
import { hashWithLabel, labelled } from "../hashing.ts";
import { accountId, type AccountId, deviceId, type DeviceId, toId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";
import {
  type Device,
  deviceFromWire,
  deviceToWire,
  deviceWire,
  type PublicKey,
  publicKeyFromWire,
  publicKeyToWire,
  publicKeyWire,
} from "./public-key.ts";

const NONE: Uint8Array = new Uint8Array(0);

export type ChainChange =
  | { readonly kind: "genesis"; readonly device: Device; readonly recoveryKey: PublicKey }
  | { readonly kind: "add"; readonly device: Device }
  | { readonly kind: "revoke"; readonly deviceId: DeviceId }
  | { readonly kind: "rotateRecovery"; readonly recoveryKey: PublicKey }
  | { readonly kind: "reset"; readonly device: Device; readonly recoveryKey: PublicKey };

/** What the author says, before it is signed. */
export type ChainStatement = {
  readonly index: number;
  /** Hash of the entry before; undefined for genesis. */
  readonly previous: Uint8Array | undefined;
  readonly author: DeviceId | "recovery";
  readonly claimedAt: number;
  readonly change: ChainChange;
};

export type ChainEntry = {
  readonly statement: ChainStatement;
  /** The encoded statement: what the signatures are over, once labelled. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly proof: Uint8Array | undefined;
};

const signature = bytesWithin(1, LIMITS.signatureBytesMax);
const entryWire = v.strictTuple([bytesWithin(1, LIMITS.chainEntryBytesMax), signature, bytesWithin(0, LIMITS.signatureBytesMax)]);

/** What all kinds have; the rest depends on the kind. */
const statementWire = v.tupleWithRest(
  [
    versionOf(1),
    v.picklist([0, 1, 2, 3, 4], "chain_kind"),
    uintUpTo(LIMITS.chainEntriesMax - 1),
    v.union([bytesOf(0), bytesOf(32)], "form_length"),
    v.union([bytesOf(0), deviceId], "id_invalid"),
    timeMs,
  ],
  v.unknown(),
);

const deviceAndKey = v.strictTuple([deviceWire, publicKeyWire]);
const onlyDevice = v.strictTuple([deviceWire]);
const onlyDeviceId = v.strictTuple([deviceId]);
const onlyKey = v.strictTuple([publicKeyWire]);

const KINDS = ["genesis", "add", "revoke", "rotateRecovery", "reset"] as const satisfies readonly ChainChange["kind"][];

function changeToWire(change: ChainChange): CborValue[] {
  switch (change.kind) {
    case "genesis":
    case "reset":
      return [deviceToWire(change.device), publicKeyToWire(change.recoveryKey)];
    case "add":
      return [deviceToWire(change.device)];
    case "revoke":
      return [change.deviceId];
    case "rotateRecovery":
      return [publicKeyToWire(change.recoveryKey)];
  }
}

function changeFromWire(kind: ChainChange["kind"], rest: readonly unknown[]): Outcome<ChainChange> {
  switch (kind) {
    case "genesis":
    case "reset": {
      const form = checkForm(deviceAndKey, rest);
      if (!form.ok) return form;
      const [device, recoveryKey] = form.value;
      return success({ kind, device: deviceFromWire(device), recoveryKey: publicKeyFromWire(recoveryKey) });
    }
    case "add": {
      const form = checkForm(onlyDevice, rest);
      return form.ok ? success({ kind, device: deviceFromWire(form.value[0]) }) : form;
    }
    case "revoke": {
      const form = checkForm(onlyDeviceId, rest);
      return form.ok ? success({ kind, deviceId: form.value[0] }) : form;
    }
    case "rotateRecovery": {
      const form = checkForm(onlyKey, rest);
      return form.ok ? success({ kind, recoveryKey: publicKeyFromWire(form.value[0]) }) : form;
    }
  }
}

/** The encoded statement. Sign {@link chainSignatureBytes} of it. */
export function encodeChainStatement(statement: ChainStatement): Uint8Array {
  const { index, previous, author, claimedAt, change } = statement;
  const head = [1, KINDS.indexOf(change.kind), index, previous ?? NONE, author === "recovery" ? NONE : author, claimedAt];
  const signed = encodeCbor([...head, ...changeToWire(change)]);
  expectSuccess(decodeChainStatement(signed));
  return signed;
}

export function decodeChainStatement(signed: Uint8Array): Outcome<ChainStatement> {
  const form = decodeForm(statementWire, signed, LIMITS.chainEntryBytesMax);
  if (!form.ok) return form;
  const [, kindNumber, index, previous, author, claimedAt, ...rest] = form.value;
  const kind = KINDS[kindNumber];
  if (kind === undefined) return failure("chain_kind");
  if ((kind === "genesis") !== (index === 0)) return failure("chain_index");
  if ((kind === "genesis") !== (previous.length === 0)) return failure("chain_previous");
  const change = changeFromWire(kind, rest);
  if (!change.ok) return change;
  return success({
    index,
    previous: previous.length === 0 ? undefined : previous,
    author: author.length === 0 ? "recovery" : toId(deviceId, author),
    claimedAt,
    change: change.value,
  });
}

/** The bytes under both signatures of an entry. */
export function chainSignatureBytes(signed: Uint8Array): Uint8Array {
  return labelled("identity v1", signed);
}

export type ChainSignatures = { readonly signature: Uint8Array; readonly proof: Uint8Array | undefined };

export function encodeChainEntry(signed: Uint8Array, { signature: bySigner, proof }: ChainSignatures): Uint8Array {
  return encodeForm(entryWire, [signed, bySigner, proof ?? NONE]);
}

export function decodeChainEntry(bytes: Uint8Array): Outcome<ChainEntry> {
  const form = decodeForm(entryWire, bytes, LIMITS.chainEntryBytesMax);
  if (!form.ok) return form;
  const [signed, bySigner, proof] = form.value;
  const statement = decodeChainStatement(signed);
  if (!statement.ok) return statement;
  return success({ statement: statement.value, signed, signature: bySigner, proof: proof.length === 0 ? undefined : proof });
}

export function chainEntryHash(bytes: Uint8Array): Uint8Array {
  return hashWithLabel("chain entry v1", bytes);
}

export function accountIdOf(genesis: Uint8Array): AccountId {
  return toId(accountId, chainEntryHash(genesis));
}
