/**
 * The one door for everything that members and outsiders send into a group (RFC 9420 §6, §12).
 */
import { equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { attempt, check, need, type Outcome } from "../outcome.ts";
import type { AuthenticatedContent } from "../structs/authenticated-content.ts";
import type { Extension } from "../structs/extension.ts";
import { type MlsMessage, readMlsMessage } from "../structs/mls-message.ts";
import type { PrivateMessage } from "../structs/private-message.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { Sender } from "../structs/sender.ts";
import { checkIncomingData } from "./authenticated-data.ts";
import { type MlsContext, suiteOf, windowOf } from "./context.ts";
import { proposalReference } from "./framing.ts";
import { type EpochChange, processCommit } from "./process-commit.ts";
import { checkProposalAlone } from "./proposal-check.ts";
import { addPending } from "./propose.ts";
import type { GroupState } from "./state.ts";
import {
  decryptPrivate,
  type EpochKeys,
  type Evidence,
  evidenceFor,
  isSignedAsClaimed,
  openPublic,
  pastKeys,
  presentKeys,
} from "./unframing.ts";

type Common = {
  /** The state to keep. */
  readonly state: GroupState;
  readonly epoch: bigint;
  readonly authenticatedData: Uint8Array;
  readonly evidence: Evidence;
};

export type ReceivedApplication = Common & {
  readonly kind: "application";
  readonly senderLeafIndex: number;
  readonly generation: number;
  readonly data: Uint8Array;
};

export type Received =
  | ReceivedApplication
  | (Common & { readonly kind: "proposal"; readonly sender: Sender; readonly proposal: Proposal; readonly reference: Uint8Array })
  | (Common & { readonly kind: "commit"; readonly change: EpochChange });

export type Opened = {
  /** Of the GroupContext of the message's epoch. */
  readonly extensions: readonly Extension[];
  readonly content: AuthenticatedContent;
  readonly evidence: Evidence;
  readonly state: GroupState;
  readonly generation: number;
};

function keysFor(state: GroupState, message: PrivateMessage): { readonly keys: EpochKeys; readonly isPresent: boolean } {
  const { epoch } = state.context;
  check(message.epoch <= epoch, "epoch_ahead");
  if (message.epoch === epoch) return { keys: presentKeys(state), isPresent: true };
  check(message.contentKind === "application", "epoch_behind");
  return { keys: need(pastKeys(state, message.epoch), "epoch_behind"), isPresent: false };
}

function withSecretTree(state: GroupState, at: { epoch: bigint; isPresent: boolean; secretTree: GroupState["secretTree"] }): GroupState {
  if (at.isPresent) return { ...state, secretTree: at.secretTree };
  const pastEpochs = state.pastEpochs.map((past) => (past.context.epoch === at.epoch ? { ...past, secretTree: at.secretTree } : past));
  return { ...state, pastEpochs };
}

/** Decrypts and names the signer; the signature is not checked yet. Throws Reject. */
export function openPrivate(state: GroupState, message: PrivateMessage, on: { suite: CipherSuite; context: MlsContext }): Opened {
  check(equalBytes(message.groupId, state.context.groupId), "wrong_group");
  const { keys, isPresent } = keysFor(state, message);
  const decrypted = decryptPrivate(on.suite, message, { keys, window: windowOf(on.context), ownLeafIndex: state.ownLeafIndex });
  return {
    content: decrypted.content,
    extensions: keys.context.extensions,
    evidence: evidenceFor(decrypted.content, keys),
    state: withSecretTree(state, { epoch: message.epoch, isPresent, secretTree: decrypted.secretTree }),
    generation: decrypted.generation,
  };
}

function openUnverified(state: GroupState, message: MlsMessage, on: { suite: CipherSuite; context: MlsContext }): Opened {
  if (message.kind === "privateMessage") return openPrivate(state, message.message, on);
  check(message.kind === "publicMessage", "unsupported_wire_format");
  const { framed } = message.message;
  check(equalBytes(framed.groupId, state.context.groupId), "wrong_group");
  check(framed.epoch <= state.context.epoch, "epoch_ahead");
  check(framed.epoch === state.context.epoch, "epoch_behind");
  const content = openPublic(on.suite, message.message, state);
  return { content, extensions: state.context.extensions, evidence: evidenceFor(content, presentKeys(state)), state, generation: 0 };
}

/** An opened application message as it is handed out. */
export function applicationOf(opened: Opened): ReceivedApplication {
  const { framed } = opened.content;
  check(framed.content.kind === "application" && framed.sender.kind === "member", "invalid_content");
  return {
    kind: "application",
    state: opened.state,
    epoch: framed.epoch,
    authenticatedData: framed.authenticatedData,
    evidence: opened.evidence,
    senderLeafIndex: framed.sender.leafIndex,
    generation: opened.generation,
    data: framed.content.data,
  };
}

function act(opened: Opened, on: { suite: CipherSuite; context: MlsContext }): Received {
  const { content, state, evidence } = opened;
  const { framed } = content;
  if (framed.content.kind === "application") return applicationOf(opened);
  check(state.status === "active", "group_inactive");
  const common = { epoch: framed.epoch, authenticatedData: framed.authenticatedData, evidence };
  if (framed.content.kind === "commit") {
    const processed = processCommit(state, content, on);
    return { kind: "commit", ...common, state: processed.state, change: processed.change };
  }
  const { proposal } = framed.content;
  const { sender } = framed;
  check(proposal.kind !== "selfRemove" || content.wireFormat === 1, "invalid_proposal");
  checkProposalAlone(state, proposal, { suite: on.suite, sender, context: on.context, isOwn: false });
  const reference = proposalReference(on.suite, content);
  return { kind: "proposal", ...common, state: addPending(state, { reference, proposal, sender }), sender, proposal, reference };
}

/**
 * Opens one MLSMessage for this group: an application message (of the present or a kept past epoch), a proposal or a commit.
 * On failure nothing has changed, and the message may be tried again.
 */
export function receiveMessage(state: GroupState, message: Uint8Array, context: MlsContext): Outcome<Received> {
  return attempt(() => {
    const suite = suiteOf(context, state.context.suiteId);
    const decoded = readWhole(readMlsMessage, message);
    check(decoded.kind === "publicMessage" || decoded.kind === "privateMessage", "unsupported_wire_format");
    const opened = openUnverified(state, decoded, { suite, context });
    check(isSignedAsClaimed(suite, opened.evidence), "invalid_signature");
    const { sender, authenticatedData } = opened.content.framed;
    checkIncomingData(opened.extensions, authenticatedData);
    check(sender.kind !== "member" || sender.leafIndex !== state.ownLeafIndex, "own_message");
    return act(opened, { suite, context });
  });
}
