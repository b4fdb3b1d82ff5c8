/** A staged commit beside its request: CBOR [ conversation after it, [ [ accountId, deviceId, Welcome ], … ], ratchet tree ]. */
import { bytesFrom, encodeConversation, type Invitation, listOf, type StagedCommit, tupleOf } from "@sotto/core";
import { accountId, type AccountId, deviceId, type DeviceId, encodeCbor, LIMITS } from "@sotto/protocol";
import { fits, readStored, type StoredOutcome } from "../store/stored-form.ts";

const STAGED_BYTES_MAX = 96 * 1024 * 1024;
const part = bytesFrom(0, STAGED_BYTES_MAX);
const invitation = tupleOf<[AccountId, DeviceId, Uint8Array]>(fits(accountId), fits(deviceId), part);
const form = tupleOf<[Uint8Array, readonly [AccountId, DeviceId, Uint8Array][], Uint8Array]>(
  part,
  listOf(invitation, LIMITS.groupDevicesMax),
  part,
);

export type Staged = { readonly next: Uint8Array; readonly invitations: readonly Invitation[]; readonly ratchetTree: Uint8Array };

export function stagedFrom({ next, invitations, ratchetTree }: StagedCommit): Staged {
  return { next: encodeConversation(next), invitations, ratchetTree };
}

export function encodeStaged({ next, invitations, ratchetTree }: Staged): Uint8Array {
  return encodeCbor([next, invitations.map(({ to, welcome }) => [to.account, to.device, welcome]), ratchetTree]);
}

export function decodeStaged(bytes: Uint8Array): StoredOutcome<Staged> {
  const read = readStored(bytes, STAGED_BYTES_MAX, form);
  if (!read.ok) return read;
  const [next, list, ratchetTree] = read.value;
  const invitations = list.map(([account, device, welcome]): Invitation => ({ to: { account, device }, welcome }));
  return { ok: true, value: { next, invitations, ratchetTree } };
}
