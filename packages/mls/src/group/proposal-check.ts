/**
 * Checks on one proposal when it is sent or arrives (RFC 9420 §12.1), so that what is pending can also be committed.
 */
import { equalBytes } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import { PROTOCOL_VERSION } from "../structs/capabilities.ts";
import { appDataDictionary } from "../structs/app-data.ts";
import type { Sender } from "../structs/framed-content.ts";
import { externalSenders, requiredCapabilities } from "../structs/group-extensions.ts";
import { isDefaultProposal, type Proposal, proposalType } from "../structs/proposal.ts";
import { authenticateAll, type MlsContext, policyOf } from "./context.ts";
import { checkKeyPackage, checkLeafNode, checkLifetime, checkLifetimeSpan, checkSupport } from "./leaf-rules.ts";
import { checkProposer, type OfKind } from "./proposal-rules.ts";
import { checkPskId } from "./psks.ts";
import type { GroupState } from "./state.ts";

type About = { readonly suite: CipherSuite; readonly sender: Sender; readonly context: MlsContext; readonly isOwn: boolean };

function checkAdd(proposal: OfKind<"add">, { suite, context, isOwn }: About): void {
  const { leafNode } = proposal.keyPackage;
  checkKeyPackage(suite, proposal.keyPackage);
  const policy = policyOf(context);
  if (isOwn || policy.checkReceivedLifetimes) checkLifetime(leafNode, context.now);
  checkLifetimeSpan(leafNode, policy.lifetimeSecondsMax);
  const { credential, signatureKey } = leafNode;
  authenticateAll(context, [{ credential, signatureKey, purpose: "keyPackage", replaces: undefined }]);
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

function checkNewExtensions(state: GroupState, proposal: OfKind<"groupContextExtensions">, context: MlsContext): void {
  requiredCapabilities(proposal.extensions);
  appDataDictionary(proposal.extensions);
  const senders = externalSenders(proposal.extensions);
  authenticateAll(
    context,
    senders.map(({ credential, signatureKey }) => ({ credential, signatureKey, purpose: "externalSender", replaces: undefined })),
  );
  checkSupport(state.tree, { extensions: proposal.extensions, proposalTypes: [] });
}

/** Throws Reject when a proposal could not stand in any valid commit of this epoch. */
export function checkProposalAlone(state: GroupState, proposal: Proposal, about: About): void {
  checkProposer(proposal, about.sender);
  check(policyOf(about.context).allowProposal(proposal), "invalid_proposal");
  const type = proposalType(proposal);
  if (!isDefaultProposal(type)) checkSupport(state.tree, { extensions: state.context.extensions, proposalTypes: [type] });
  if (proposal.kind === "add") checkAdd(proposal, about);
  else if (proposal.kind === "update") checkUpdate(state, proposal, about);
  else if (proposal.kind === "remove") check(state.tree.leaf(proposal.removed) !== undefined, "invalid_proposal");
  else if (proposal.kind === "psk") checkPskId(about.suite, proposal.psk, ["application"]);
  else if (proposal.kind === "groupContextExtensions") checkNewExtensions(state, proposal, about.context);
  else if (proposal.kind === "reinit") check(proposal.version >= PROTOCOL_VERSION, "invalid_proposal");
}
