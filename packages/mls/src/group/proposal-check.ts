/**
 * Checks on one proposal when it is sent or arrives (RFC 9420 §12.1), so that what is pending can also be committed.
 */
import { equalBytes } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { Sender } from "../structs/sender.ts";
import { addPurpose } from "./apply-proposals.ts";
import { allowAll, authenticateAll, type MlsContext, policyOf, secondsNow } from "./context.ts";
import { checkGroupExtensions } from "./group-extension-rules.ts";
import { checkOwnReInit } from "./identity-rules.ts";
import { checkKeyPackage, checkLeafNode, checkLifetime, checkLifetimeSpan } from "./leaf-rules.ts";
import { checkProposer, type OfKind } from "./proposal-rules.ts";
import { checkPskId } from "./psks.ts";
import type { GroupState } from "./state.ts";

type About = { readonly suite: CipherSuite; readonly sender: Sender; readonly context: MlsContext; readonly isOwn: boolean };

function checkAdd(proposal: OfKind<"add">, { suite, sender, context, isOwn }: About): void {
  const { leafNode } = proposal.keyPackage;
  checkKeyPackage(suite, proposal.keyPackage);
  const policy = policyOf(context);
  if (isOwn || policy.checkReceivedLifetimes) checkLifetime(leafNode, secondsNow(context));
  checkLifetimeSpan(leafNode, policy.lifetimeSecondsMax);
  const { credential, signatureKey } = leafNode;
  authenticateAll(context, [{ credential, signatureKey, purpose: addPurpose(sender), replaces: undefined }]);
}

function checkUpdate(state: GroupState, proposal: OfKind<"update">, { suite, sender, context }: About): void {
  check(sender.kind === "member", "invalid_proposal");
  const before = need(state.tree.leaf(sender.leafIndex), "unknown_sender");
  const leaf = proposal.leafNode;
  check(leaf.source.kind === "update", "invalid_leaf");
  checkLeafNode(suite, leaf, { groupId: state.context.groupId, leafIndex: sender.leafIndex });
  check(!equalBytes(before.encryptionKey, leaf.encryptionKey), "invalid_leaf");
  const { credential, signatureKey } = leaf;
  authenticateAll(context, [{ credential, signatureKey, purpose: "update", replaces: before.credential }]);
}

/** Throws Reject when a proposal could not stand in any valid commit of this epoch. What only a list can tell is left to the commit. */
export function checkProposalAlone(state: GroupState, proposal: Proposal, about: About): void {
  const { sender, context } = about;
  checkProposer(proposal, sender);
  if (sender.kind === "external" && proposal.kind === "custom") {
    check(policyOf(context).externalProposalTypes.includes(proposal.type), "invalid_proposal");
  }
  allowAll(context, [{ proposal, sender, reference: undefined }], undefined);
  if (proposal.kind === "add") checkAdd(proposal, about);
  else if (proposal.kind === "update") checkUpdate(state, proposal, about);
  else if (proposal.kind === "remove") check(state.tree.leaf(proposal.removed) !== undefined, "invalid_proposal");
  else if (proposal.kind === "psk") checkPskId(about.suite, proposal.psk, ["application"]);
  else if (proposal.kind === "groupContextExtensions") authenticateAll(context, checkGroupExtensions(proposal.extensions));
  else if (proposal.kind === "reinit") {
    check(proposal.version >= state.context.version, "invalid_proposal");
    if (about.isOwn) checkOwnReInit(context, proposal);
  }
}
