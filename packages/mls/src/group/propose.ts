/**
 * Sending proposals (RFC 9420 §12.1): by a member, by an external sender (§12.1.8), and by one who wants in (§12.1.8, Add).
 */
import { empty, equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import { encode } from "../codec/writer.ts";
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import type { AuthenticatedContent } from "../structs/authenticated-content.ts";
import { externalSenders } from "../structs/external-senders.ts";
import type { GroupContext } from "../structs/group-context.ts";
import { checkedMessage, encodeMlsMessage } from "../structs/mls-message.ts";
import { type Proposal, PROPOSAL, readProposal, writeProposal } from "../structs/proposal.ts";
import type { Sender } from "../structs/sender.ts";
import { outgoingData } from "./authenticated-data.ts";
import { leafTemplate, type LeafChange } from "./commit.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { frame, proposalReference, signFramed, type WireFormatName } from "./framing.ts";
import { freshKeys, signLeafNode } from "./key-package.ts";
import { checkOwnLeaf, checkSignatureKeys } from "./identity-rules.ts";
import { checkProposalAlone } from "./proposal-check.ts";
import { checkProposer } from "./proposal-rules.ts";
import { findPending, type GroupState, type OwnUpdate, requireActive } from "./state.ts";

/** `update` and `selfRemove` are made here; every other proposal is passed as it is. */
export type ProposalRequest = Exclude<Proposal, { readonly kind: "update" }> | { readonly kind: "update"; readonly leaf?: LeafChange };

export type ProposeOptions = {
  readonly proposal: ProposalRequest;
  /** Default: privateMessage; a SelfRemove is always a PublicMessage, so that external joiners can read it. */
  readonly wireFormat?: WireFormatName;
  readonly authenticatedData?: Uint8Array;
};

export type ProposeResult = { readonly state: GroupState; readonly message: Uint8Array; readonly reference: Uint8Array };

function makeUpdate(
  suite: CipherSuite,
  state: GroupState,
  on: { leaf: LeafChange | undefined; context: MlsContext },
): { proposal: Proposal; own: OwnUpdate } {
  const { template, signatureKeys } = leafTemplate(state, on.leaf);
  const encryptionKeys = freshKeys(suite, on.context.random);
  const content = {
    ...template,
    encryptionKey: encryptionKeys.publicKey,
    signatureKey: signatureKeys.publicKey,
    source: { kind: "update" as const },
  };
  const position = { groupId: state.context.groupId, leafIndex: state.ownLeafIndex };
  checkSignatureKeys(suite, signatureKeys);
  const leafNode = signLeafNode(suite, content, { privateKey: signatureKeys.privateKey, position });
  checkOwnLeaf(suite, leafNode);
  const signaturePrivateKey = on.leaf?.identity?.signatureKeys.privateKey.slice() ?? state.signaturePrivateKey;
  return { proposal: { kind: "update", leafNode }, own: { encryptionKeys, signaturePrivateKey } };
}

export function createProposal(state: GroupState, options: ProposeOptions, context: MlsContext): Outcome<ProposeResult> {
  return attempt(() => {
    requireActive(state);
    const suite = suiteOf(context, state.context.suiteId);
    const request = options.proposal;
    const made =
      request.kind === "update" ? makeUpdate(suite, state, { leaf: request.leaf, context }) : { proposal: request, own: undefined };
    const sender = { kind: "member" as const, leafIndex: state.ownLeafIndex };
    checkProposalAlone(state, made.proposal, { suite, sender, context, isOwn: true });
    const framed = {
      groupId: state.context.groupId,
      epoch: state.context.epoch,
      sender,
      authenticatedData: outgoingData(state.context.extensions, options.authenticatedData),
      content: { kind: "proposal" as const, proposal: readBack(made.proposal) },
    };
    const wireFormat = made.proposal.kind === "selfRemove" ? "publicMessage" : (options.wireFormat ?? "privateMessage");
    const content = signFramed(suite, framed, { wireFormat, context: state.context, privateKey: state.signaturePrivateKey });
    const reference = proposalReference(suite, content);
    const pending = addPending(state, { reference, proposal: made.proposal, sender });
    const withOwn = made.own === undefined ? pending : { ...pending, ownUpdates: [...pending.ownUpdates, made.own] };
    const sent = frame(suite, withOwn, { content, context });
    return { state: sent.state, message: checkedMessage(sent.message), reference };
  });
}

/** A proposal that its receivers can decode. Throws Reject. */
function readBack(proposal: Proposal): Proposal {
  readWhole(readProposal, encode(writeProposal, proposal));
  return proposal;
}

/** Remembers a proposal of this epoch, once: a PublicMessage can be sent again by anybody. Throws Reject at the limit. */
export function addPending(state: GroupState, pending: GroupState["proposals"][number]): GroupState {
  if (findPending(state, pending.reference) !== undefined) return state;
  check(state.proposals.length < LIMITS.pendingProposalsMax, "limit_exceeded");
  return { ...state, proposals: [...state.proposals, pending] };
}

/** What one who is not a member has to know; the extensions tell whether the group uses Safe AAD. */
export type OutsideGroup = Pick<GroupContext, "groupId" | "epoch"> & Partial<Pick<GroupContext, "extensions">>;

function frameOutside(
  suite: CipherSuite,
  by: {
    readonly sender: Sender;
    readonly proposal: Proposal;
    readonly group: OutsideGroup;
    readonly privateKey: Uint8Array;
  },
): Uint8Array {
  const framed = {
    groupId: by.group.groupId,
    epoch: by.group.epoch,
    sender: by.sender,
    authenticatedData: outgoingData(by.group.extensions ?? [], undefined),
    content: { kind: "proposal" as const, proposal: readBack(by.proposal) },
  };
  // These two kinds of sender do not sign the GroupContext (§6.1), so its other fields do not matter.
  const { groupId, epoch } = by.group;
  const context = { version: 1, suiteId: suite.id, groupId, epoch, treeHash: empty(), confirmedTranscriptHash: empty(), extensions: [] };
  const { auth }: AuthenticatedContent = signFramed(suite, framed, { wireFormat: "publicMessage", context, privateKey: by.privateKey });
  return checkedMessage(encodeMlsMessage({ kind: "publicMessage", message: { framed, auth, membershipTag: undefined } }));
}

export type ExternalProposalOptions = {
  readonly group: GroupContext;
  readonly proposal: Proposal;
  /** Keys of an external sender that the group lists. */
  readonly signatureKeys: KeyPair;
};

/** A proposal by a sender in the group's `external_senders` extension. `usage` when the group does not list the key. */
export function createExternalProposal(options: ExternalProposalOptions, context: MlsContext): Outcome<Uint8Array> {
  return attempt(() => {
    const suite = suiteOf(context, options.group.suiteId);
    const key = options.signatureKeys.publicKey;
    const senderIndex = externalSenders(options.group.extensions).findIndex(({ signatureKey }) => equalBytes(signatureKey, key));
    check(senderIndex >= 0, "usage");
    const sender = { kind: "external" as const, senderIndex };
    checkProposer(options.proposal, sender);
    checkSignatureKeys(suite, options.signatureKeys);
    return frameOutside(suite, { sender, proposal: options.proposal, group: options.group, privateKey: options.signatureKeys.privateKey });
  });
}

export type JoinProposalOptions = {
  readonly group: OutsideGroup;
  readonly keyPackage: Extract<Proposal, { kind: "add" }>["keyPackage"];
  readonly signaturePrivateKey: Uint8Array;
};

/** An Add proposal by its own key package's owner (sender new_member_proposal). */
export function createJoinProposal(options: JoinProposalOptions, context: MlsContext): Outcome<Uint8Array> {
  return attempt(() => {
    const suite = suiteOf(context, options.keyPackage.suiteId);
    const proposal: Proposal = { kind: "add", keyPackage: options.keyPackage };
    checkSignatureKeys(suite, { publicKey: options.keyPackage.leafNode.signatureKey, privateKey: options.signaturePrivateKey });
    return frameOutside(suite, {
      sender: { kind: "newMemberProposal" },
      proposal,
      group: options.group,
      privateKey: options.signaturePrivateKey,
    });
  });
}

/** Whether every member announces support for SelfRemove. */
export function canSelfRemove(state: GroupState): boolean {
  for (const { leaf } of state.tree.members()) if (!leaf.capabilities.proposals.includes(PROPOSAL.selfRemove)) return false;
  return true;
}
