/**
 * Applying a commit's proposals to a copy of the tree (RFC 9420 §12.3): group context extensions, then updates, then removes
 * (self-removes with them), then adds.
 */
import { equalBytes } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, type CredentialCheck, need } from "../outcome.ts";
import type { Extension } from "../structs/extension.ts";
import type { KeyPackage } from "../structs/key-package.ts";
import type { LeafNode } from "../structs/leaf-node.ts";
import type { ReInit } from "../structs/proposal.ts";
import type { PskId } from "../structs/psk.ts";
import type { Sender } from "../structs/sender.ts";
import type { Member, RatchetTree } from "../tree/ratchet-tree.ts";
import { checkGroupExtensions } from "./group-extension-rules.ts";
import { checkKeyPackage, checkLeafNode, checkLifetime, checkLifetimeSpan } from "./leaf-rules.ts";
import { checkProposalList, type Committer, type ListedProposal, ofKind, proposalTypesOf } from "./proposal-rules.ts";
import type { GroupState } from "./state.ts";

export type Added = { readonly leafIndex: number; readonly keyPackage: KeyPackage };
type Updated = Member & { readonly before: LeafNode };

/** The group after the proposals and before the path. */
export type Applied = {
  readonly tree: RatchetTree;
  readonly extensions: readonly Extension[];
  readonly added: readonly Added[];
  readonly updated: readonly Updated[];
  readonly removed: readonly Member[];
  readonly psks: readonly PskId[];
  readonly reinit: ReInit | undefined;
  readonly kemOutput: Uint8Array | undefined;
  readonly proposalTypes: readonly number[];
  /** Credentials that came in, for the authentication service. */
  readonly checks: readonly CredentialCheck[];
};

type Base = Pick<GroupState, "tree" | "context">;
type How = {
  readonly suite: CipherSuite;
  readonly committer: Committer;
  /** Lifetimes are held against it; `undefined` leaves them unchecked. */
  readonly now: bigint | undefined;
  readonly lifetimeSecondsMax: number;
};

function applyUpdates(base: Base, list: readonly ListedProposal[], to: { suite: CipherSuite; tree: RatchetTree }): Updated[] {
  return ofKind(list, "update").map(({ proposal, sender }) => {
    const leafIndex = sender.kind === "member" ? sender.leafIndex : -1;
    const before = need(base.tree.leaf(leafIndex), "invalid_proposal");
    const leaf = proposal.leafNode;
    check(leaf.source.kind === "update", "invalid_leaf");
    checkLeafNode(to.suite, leaf, { groupId: base.context.groupId, leafIndex });
    check(!equalBytes(before.encryptionKey, leaf.encryptionKey), "invalid_leaf");
    to.tree.update(leafIndex, leaf);
    return { leafIndex, leaf, before };
  });
}

function applyRemoves(list: readonly ListedProposal[], tree: RatchetTree): Member[] {
  const removed: Member[] = [];
  const remove = (leafIndex: number): void => {
    removed.push({ leafIndex, leaf: need(tree.leaf(leafIndex), "invalid_proposal") });
    tree.remove(leafIndex);
  };
  for (const { sender } of ofKind(list, "selfRemove")) if (sender.kind === "member") remove(sender.leafIndex);
  for (const { proposal } of ofKind(list, "remove")) remove(proposal.removed);
  if (removed.length > 0) tree.truncate();
  return removed;
}

function applyAdds(list: readonly ListedProposal[], tree: RatchetTree, how: How): Added[] {
  let from = 0;
  return ofKind(list, "add").map(({ proposal }) => {
    const { keyPackage } = proposal;
    checkKeyPackage(how.suite, keyPackage);
    if (how.now !== undefined) checkLifetime(keyPackage.leafNode, how.now);
    checkLifetimeSpan(keyPackage.leafNode, how.lifetimeSecondsMax);
    const leafIndex = tree.add(keyPackage.leafNode, from);
    from = leafIndex + 1;
    return { leafIndex, keyPackage };
  });
}

function memberCheck(leaf: LeafNode, purpose: CredentialCheck["purpose"], before?: LeafNode): CredentialCheck {
  return { credential: leaf.credential, signatureKey: leaf.signatureKey, purpose, replaces: before?.credential };
}

/** An Add that nobody in the group vouches for has a purpose of its own (§12.1.8). */
export function addPurpose(sender: Sender): CredentialCheck["purpose"] {
  return sender.kind === "newMemberProposal" ? "newMember" : "keyPackage";
}

/** Validates and applies; the given state stays as it is. Throws Reject. */
export function applyProposals(base: Base, list: readonly ListedProposal[], how: How): Applied {
  checkProposalList(list, how.committer, base.tree);
  const reinit = ofKind(list, "reinit")[0]?.proposal;
  check(reinit === undefined || reinit.version >= base.context.version, "invalid_proposal");
  const tree = base.tree.clone();
  const change = ofKind(list, "groupContextExtensions")[0]?.proposal.extensions;
  const senderChecks = change === undefined ? [] : checkGroupExtensions(change);
  const updated = applyUpdates(base, list, { suite: how.suite, tree });
  const removed = applyRemoves(list, tree);
  const added = applyAdds(list, tree, how);
  return {
    tree,
    extensions: change ?? base.context.extensions,
    added,
    updated,
    removed,
    psks: ofKind(list, "psk").map(({ proposal }) => proposal.psk),
    reinit,
    kemOutput: ofKind(list, "externalInit")[0]?.proposal.kemOutput,
    proposalTypes: proposalTypesOf(list),
    checks: [
      ...senderChecks,
      ...updated.map(({ leaf, before }) => memberCheck(leaf, "update", before)),
      ...ofKind(list, "add").map(({ proposal, sender }) => memberCheck(proposal.keyPackage.leafNode, addPurpose(sender))),
    ],
  };
}

/** Keys of leaves that the proposals brought in. */
export function newLeaves(applied: Applied): LeafNode[] {
  return [...applied.updated.map(({ leaf }) => leaf), ...applied.added.map(({ keyPackage }) => keyPackage.leafNode)];
}
