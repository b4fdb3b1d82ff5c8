/**
 * From one epoch to the next (RFC 9420 §12.4): what committer, receiver and external joiner have in common.
 */
import { equalTags } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import { confirmationTag, joinerSecret, scheduleEpoch, type ScheduledEpoch } from "../schedule/key-schedule.ts";
import { startSecretTree } from "../schedule/secret-tree.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../schedule/transcript.ts";
import type { AuthenticatedContent } from "../structs/authenticated-content.ts";
import type { GroupContext } from "../structs/group-context.ts";
import type { LeafNode } from "../structs/leaf-node.ts";
import { treeHash } from "../tree/tree-hash.ts";
import { currentKeys, type PrivateKeys } from "../tree/update-path.ts";
import type { Applied } from "./apply-proposals.ts";
import { newLeaves } from "./apply-proposals.ts";
import { type MlsContext, policyOf } from "./context.ts";
import { checkNewKeys, checkSupport } from "./leaf-rules.ts";
import type { GroupState, PastEpoch } from "./state.ts";

/** The last epoch: its group can only be replaced. */
export const EPOCH_MAX = 0xffff_ffff_ffff_ffffn;

/** GroupContext of the next epoch before the commit is part of the transcript: what path secrets are encrypted under (§7.6). */
export function provisionalContext(suite: CipherSuite, state: Pick<GroupState, "context">, applied: Applied): GroupContext {
  check(state.context.epoch < EPOCH_MAX, "limit_exceeded");
  return {
    ...state.context,
    epoch: state.context.epoch + 1n,
    treeHash: treeHash(suite, applied.tree),
    extensions: applied.extensions,
  };
}

/**
 * The rules for a tree after proposals and path: unique keys, support by every member. `path` holds the public keys of the
 * update path's nodes and its leaf. Throws Reject.
 */
export function checkNewTree(applied: Applied, path: { readonly leaf: LeafNode; readonly keys: readonly Uint8Array[] } | undefined): void {
  const leaves = newLeaves(applied);
  if (path !== undefined) leaves.push(path.leaf);
  checkNewKeys(applied.tree, {
    encryption: [...leaves.map((leaf) => leaf.encryptionKey), ...(path?.keys ?? [])],
    signature: leaves.map((leaf) => leaf.signatureKey),
  });
  const newcomers = new Set(applied.added.map(({ keyPackage }) => keyPackage.leafNode));
  if (path !== undefined && applied.kemOutput !== undefined) newcomers.add(path.leaf);
  checkSupport(applied.tree, { ...applied, newcomers });
}

export type Advance = {
  /** The signed commit; its confirmation tag is not looked at. */
  readonly commit: AuthenticatedContent;
  readonly provisional: GroupContext;
  readonly init: Uint8Array;
  readonly interim: Uint8Array;
  readonly commitSecret: Uint8Array;
  readonly pskSecret: Uint8Array;
};

export type AdvancedEpoch = ScheduledEpoch & {
  readonly context: GroupContext;
  readonly joiner: Uint8Array;
  readonly confirmationTag: Uint8Array;
};

export function advanceEpoch(suite: CipherSuite, from: Advance): AdvancedEpoch {
  const confirmed = confirmedTranscriptHash(suite, from.interim, from.commit);
  const context = { ...from.provisional, confirmedTranscriptHash: confirmed };
  const joiner = joinerSecret(suite, { init: from.init, commitSecret: from.commitSecret, context });
  const epoch = scheduleEpoch(suite, { joiner, pskSecret: from.pskSecret, context });
  return { ...epoch, context, joiner, confirmationTag: confirmationTag(suite, epoch.secrets.confirmationKey, confirmed) };
}

export function requireConfirmationTag(epoch: AdvancedEpoch, commit: AuthenticatedContent): void {
  const tag = need(commit.auth.confirmationTag, "invalid_confirmation_tag");
  check(equalTags(tag, epoch.confirmationTag), "invalid_confirmation_tag");
}

function pastEpoch(state: GroupState): PastEpoch {
  const signatureKeys = Array.from({ length: state.tree.leafCapacity }, (_, leafIndex) => state.tree.leaf(leafIndex)?.signatureKey);
  return { context: state.context, senderData: state.secrets.senderData, secretTree: state.secretTree, signatureKeys };
}

export type OwnPart = { readonly ownLeafIndex: number; readonly signaturePrivateKey: Uint8Array; readonly privateKeys: PrivateKeys };

/** State of a member in an epoch that has just been scheduled. `before` is absent for one who joins. */
export function enterEpoch(
  suite: CipherSuite,
  epoch: AdvancedEpoch,
  part: OwnPart & {
    readonly applied: Pick<Applied, "tree" | "reinit">;
    readonly before: GroupState | undefined;
    readonly context: MlsContext;
  },
): GroupState {
  const { applied, before } = part;
  const policy = policyOf(part.context);
  const psk = { epoch: epoch.context.epoch, secret: epoch.secrets.resumptionPsk };
  return {
    status: applied.reinit === undefined ? "active" : "closed",
    context: epoch.context,
    interimTranscriptHash: interimTranscriptHash(suite, epoch.context.confirmedTranscriptHash, epoch.confirmationTag),
    confirmationTag: epoch.confirmationTag,
    tree: applied.tree,
    ownLeafIndex: part.ownLeafIndex,
    signaturePrivateKey: part.signaturePrivateKey,
    privateKeys: currentKeys(applied.tree, part.privateKeys),
    secrets: epoch.secrets,
    secretTree: startSecretTree(epoch.encryptionSecret, applied.tree.leafCapacity),
    proposals: [],
    ownUpdates: [],
    pastEpochs:
      before === undefined || policy.pastEpochs === 0 ? [] : [pastEpoch(before), ...before.pastEpochs].slice(0, policy.pastEpochs),
    resumptionPsks: [psk, ...(before?.resumptionPsks ?? [])].slice(0, policy.resumptionEpochs + 1),
    reinit: applied.reinit,
  };
}
