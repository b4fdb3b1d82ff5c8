/** A staged commit beside its request: CBOR [ conversation after it, [ [ accountId, deviceId, Welcome ], … ], ratchet tree ]. */
import { encodeConversation, type Invitation, type StagedCommit } from "@sotto/core";
import { accountId, deviceId, decodeCbor, encodeCbor, toId } from "@sotto/protocol";

const STAGED_LIMITS = { bytesMax: 96 * 1024 * 1024, depthMax: 8, itemsMax: 16_384 };

export type Staged = { readonly next: Uint8Array; readonly invitations: readonly Invitation[]; readonly ratchetTree: Uint8Array };

export function encodeStaged({ next, invitations, ratchetTree }: StagedCommit): Uint8Array {
  return encodeCbor([encodeConversation(next), invitations.map(({ to, welcome }) => [to.account, to.device, welcome]), ratchetTree]);
}

export function decodeStaged(bytes: Uint8Array): Staged | undefined {
  const decoded = decodeCbor(bytes, STAGED_LIMITS);
  const form: unknown = decoded.ok ? decoded.value : undefined;
  if (!Array.isArray(form)) return undefined;
  const [next, list, ratchetTree]: readonly unknown[] = form;
  if (!(next instanceof Uint8Array) || !(ratchetTree instanceof Uint8Array) || !Array.isArray(list)) return undefined;
  const invitations = list.flatMap((item: unknown): Invitation[] => {
    if (!Array.isArray(item)) return [];
    const [account, device, welcome]: readonly unknown[] = item;
    const isWhole = account instanceof Uint8Array && device instanceof Uint8Array && welcome instanceof Uint8Array;
    return isWhole ? [{ to: { account: toId(accountId, account), device: toId(deviceId, device) }, welcome }] : [];
  });
  return { next, invitations, ratchetTree };
}
