/**
 * The state of one member in one group (RFC 9420 §3.1, §14). Plain immutable data: an operation returns a new state and leaves
 * the old one as it is, so a caller can wait for the server's compare-and-swap before it keeps the new one.
 */
import { equalBytes } from "../bytes.ts";
import type { KeyPair } from "../crypto/provider.ts";
import { check } from "../outcome.ts";
import type { EpochSecrets } from "../schedule/key-schedule.ts";
import type { SecretTree } from "../schedule/secret-tree.ts";
import type { GroupContext } from "../structs/group-context.ts";
import type { Proposal, ReInit } from "../structs/proposal.ts";
import type { Sender } from "../structs/sender.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { PrivateKeys } from "../tree/update-path.ts";

/** A proposal that was sent or received in this epoch and that a commit may refer to. */
export type PendingProposal = { readonly reference: Uint8Array; readonly proposal: Proposal; readonly sender: Sender };

/** Private half of an Update proposal of this member, until it is committed or the epoch ends. */
export type OwnUpdate = { readonly encryptionKeys: KeyPair; readonly signaturePrivateKey: Uint8Array };

/** Keys of a past epoch: enough to open late application messages, and nothing of its tree. */
export type PastEpoch = {
  readonly context: GroupContext;
  readonly senderData: Uint8Array;
  readonly secretTree: SecretTree;
  /** Signature key of each leaf; `undefined` where the leaf was blank. */
  readonly signatureKeys: readonly (Uint8Array | undefined)[];
};

export type ResumptionPsk = { readonly epoch: bigint; readonly secret: Uint8Array };

export type GroupState = {
  /** `removed`: a commit took this member out. `closed`: a ReInit was committed; only a successor can follow. */
  readonly status: "active" | "removed" | "closed";
  readonly context: GroupContext;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly tree: RatchetTree;
  readonly ownLeafIndex: number;
  readonly signaturePrivateKey: Uint8Array;
  readonly privateKeys: PrivateKeys;
  readonly secrets: EpochSecrets;
  readonly secretTree: SecretTree;
  readonly proposals: readonly PendingProposal[];
  readonly ownUpdates: readonly OwnUpdate[];
  /** Newest first. */
  readonly pastEpochs: readonly PastEpoch[];
  /** This epoch's first, then older ones. */
  readonly resumptionPsks: readonly ResumptionPsk[];
  /** The committed ReInit of a closed group. */
  readonly reinit: ReInit | undefined;
};

export function requireActive(state: GroupState): void {
  check(state.status === "active", "group_inactive");
}

export function resumptionSecret(state: GroupState, epoch: bigint): Uint8Array | undefined {
  return state.resumptionPsks.find((entry) => entry.epoch === epoch)?.secret;
}

export function findPending(state: GroupState, reference: Uint8Array): PendingProposal | undefined {
  return state.proposals.find((entry) => equalBytes(entry.reference, reference));
}
