/**
 * Making a commit (RFC 9420 §12.4.1).
 *
 * The server decides which commit of an epoch counts. So the result has two states: `current` is to be kept at once (a
 * PrivateMessage has moved a ratchet), `next` when the commit was accepted.
 */
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { attempt, check, need, type Outcome } from "../outcome.ts";
import { contextBytes } from "../schedule/key-schedule.ts";
import type { Capabilities } from "../structs/capabilities.ts";
import type { Commit } from "../structs/commit.ts";
import type { Extension } from "../structs/extension.ts";
import { checkedMessage, encodeMlsMessage } from "../structs/mls-message.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { ResumptionUsage } from "../structs/psk.ts";
import { withPresentKeys } from "./adopt.ts";
import type { Applied } from "./apply-proposals.ts";
import { outgoingData } from "./authenticated-data.ts";
import { authenticateAll, type MlsContext, policyOf, suiteOf } from "./context.ts";
import { frame, signFramed, type WireFormatName } from "./framing.ts";
import { type GroupInfoOptions, makeWelcome } from "./group-info.ts";
import { checkedCommit, checkOwnLeaf, checkOwnReInit, checkSignatureKeys } from "./identity-rules.ts";
import { type Identity, withoutDefaults } from "./key-package.ts";
import { advanceEpoch, checkNewTree, enterEpoch, provisionalContext } from "./next-epoch.ts";
import { type LeafTemplate, type MadePath, pathKeys, placePath, sealPath, wipePath } from "./place-path.ts";
import { isPathRequired, type ListedProposal, proposalOrRef } from "./proposal-rules.ts";
import { type Selection, selectProposals } from "./select-proposals.ts";
import { type GroupState, requireActive } from "./state.ts";

/** What a new leaf of this member changes; the rest it takes over. */
export type LeafChange = { readonly identity?: Identity; readonly capabilities?: Capabilities; readonly extensions?: readonly Extension[] };

export type CommitOptions = {
  /** Proposals by value. */
  readonly proposals?: readonly Proposal[];
  /** References of pending proposals to include. Default: all that this member may commit. */
  readonly references?: readonly Uint8Array[];
  /** Makes an update path even where none is required (default true). */
  readonly path?: boolean;
  readonly leaf?: LeafChange;
  /** Default: privateMessage. */
  readonly wireFormat?: WireFormatName;
  readonly authenticatedData?: Uint8Array;
  /** What the Welcome's GroupInfo carries. */
  readonly groupInfo?: GroupInfoOptions;
};

export type CommitResult = {
  /** Keep it at once. */
  readonly current: GroupState;
  /** Keep it when the commit was accepted: by `adoptCommit` if anything was sent or received since. */
  readonly next: GroupState;
  /** The commit as an MLSMessage. */
  readonly message: Uint8Array;
  /** One Welcome for all added members, as an MLSMessage; absent when none was added. Hand it out when the commit was accepted (§14). */
  readonly welcome: Uint8Array | undefined;
  /** References of pending proposals that are not in the commit: they do not fit, or were not asked for. */
  readonly leftOut: readonly Uint8Array[];
};

/** Resumption of another group, for the first commit of a successor or branch (§11.2, §11.3). */
export type Resumption = { readonly group: GroupState; readonly usage: ResumptionUsage };

export function createCommit(state: GroupState, options: CommitOptions, context: MlsContext): Outcome<CommitResult> {
  return attempt(() => makeCommit(state, options, { context, resumption: undefined }));
}

/** The template and key of this member's next leaf. */
export function leafTemplate(state: GroupState, change: LeafChange | undefined): { template: LeafTemplate; signatureKeys: KeyPair } {
  const leaf = need(state.tree.leaf(state.ownLeafIndex), "usage");
  const identity = change?.identity;
  return {
    template: {
      credential: identity?.credential ?? leaf.credential,
      capabilities: change?.capabilities === undefined ? leaf.capabilities : withoutDefaults(change.capabilities),
      extensions: change?.extensions ?? leaf.extensions,
    },
    signatureKeys: identity?.signatureKeys ?? { publicKey: leaf.signatureKey, privateKey: state.signaturePrivateKey },
  };
}

type Making = { readonly state: GroupState; readonly options: CommitOptions; readonly context: MlsContext; readonly suite: CipherSuite };

function makeOwnPath(making: Making, list: readonly ListedProposal[], applied: Applied): MadePath | undefined {
  const { state, options, context, suite } = making;
  if (options.leaf?.identity !== undefined) checkSignatureKeys(suite, options.leaf.identity.signatureKeys);
  if (!isPathRequired(list, policyOf(context).pathlessProposalTypes) && (options.path === false || applied.reinit !== undefined)) {
    check(options.leaf === undefined, "usage");
    return undefined;
  }
  const { groupId } = state.context;
  return placePath(suite, applied, {
    groupId,
    leafIndex: state.ownLeafIndex,
    ...leafTemplate(state, options.leaf),
    random: context.random,
  });
}

/** Asks about this member's own new leaf; the credentials that the proposals bring in were asked about when they were selected. */
function authenticateOwnLeaf(making: Making, { leaf }: MadePath): void {
  const before = need(making.state.tree.leaf(making.state.ownLeafIndex), "usage");
  const { credential, signatureKey } = leaf;
  authenticateAll(making.context, [{ credential, signatureKey, purpose: "commit", replaces: before.credential }]);
}

type Signed = ReturnType<typeof signFramed>;

function signCommit(making: Making, commit: Commit): Signed {
  const { state, options, suite } = making;
  const framed = {
    groupId: state.context.groupId,
    epoch: state.context.epoch,
    sender: { kind: "member" as const, leafIndex: state.ownLeafIndex },
    authenticatedData: outgoingData(state.context.extensions, options.authenticatedData),
    content: { kind: "commit" as const, commit: checkedCommit(commit) },
  };
  const wireFormat = options.wireFormat ?? "privateMessage";
  return signFramed(suite, framed, { wireFormat, context: state.context, privateKey: state.signaturePrivateKey });
}

function selectFor(making: Making, resumption: Resumption | undefined): Selection {
  const { state, context } = making;
  const groups = resumption === undefined ? [state] : [state, resumption.group];
  const usages = [resumption?.usage ?? ("application" as const)];
  return selectProposals({ ...making, psks: { context, groups, usages } }, making.options);
}

/** The new epoch of an own commit, and what the Welcome needs of it. */
function enterOwnEpoch(
  making: Making,
  selection: Selection,
  made: MadePath | undefined,
): { signed: Signed; next: GroupState; joiner: Uint8Array } {
  const { state, options, context, suite } = making;
  const { applied, list, pskSecret } = selection;
  const provisional = provisionalContext(suite, state, applied);
  const path = made && sealPath(suite, made, { applied, context: contextBytes(provisional), random: context.random });
  const signed = signCommit(making, { proposals: list.map(proposalOrRef), path });
  const epoch = advanceEpoch(suite, {
    commit: signed,
    provisional,
    init: state.secrets.init,
    interim: state.interimTranscriptHash,
    commitSecret: made?.own.commitSecret ?? new Uint8Array(suite.hashLength),
    pskSecret,
  });
  const privateKeys = new Map([...state.privateKeys, ...(made?.privateKeys ?? [])]);
  const signaturePrivateKey = options.leaf?.identity?.signatureKeys.privateKey.slice() ?? state.signaturePrivateKey;
  const part = { ownLeafIndex: state.ownLeafIndex, signaturePrivateKey, privateKeys };
  const next = enterEpoch(suite, epoch, { ...part, applied, before: state, context });
  return { signed: { ...signed, auth: { ...signed.auth, confirmationTag: epoch.confirmationTag } }, next, joiner: epoch.joiner };
}

function welcomeFor(
  making: Making,
  selection: Selection,
  after: { next: GroupState; joiner: Uint8Array; made: MadePath | undefined },
): Uint8Array | undefined {
  const { added, psks } = selection.applied;
  if (added.length === 0) return undefined;
  const { next: state, joiner, made } = after;
  const { context, options, suite } = making;
  const input = { state, joiner, pskSecret: selection.pskSecret, psks, added, path: made?.own };
  const welcome = makeWelcome(suite, { ...input, groupInfo: options.groupInfo ?? {}, random: context.random });
  return checkedMessage(encodeMlsMessage({ kind: "welcome", welcome }));
}

/** {@link createCommit} for callers inside the engine. Throws Reject. */
export function makeCommit(
  state: GroupState,
  options: CommitOptions,
  on: { readonly context: MlsContext; readonly resumption: Resumption | undefined },
): CommitResult {
  requireActive(state);
  const { context } = on;
  const suite = suiteOf(context, state.context.suiteId);
  const making = { state, options, context, suite };
  const selection = selectFor(making, on.resumption);
  const { applied, list } = selection;
  if (applied.reinit !== undefined) checkOwnReInit(context, applied.reinit);
  const made = makeOwnPath(making, list, applied);
  try {
    return finishCommit(making, selection, made);
  } finally {
    wipePath(made);
    selection.pskSecret.fill(0);
  }
}

function finishCommit(making: Making, selection: Selection, made: MadePath | undefined): CommitResult {
  const { state, context, suite } = making;
  if (made !== undefined) checkOwnLeaf(suite, made.leaf);
  checkNewTree(selection.applied, made && { leaf: made.leaf, keys: pathKeys(made) });
  if (made !== undefined) authenticateOwnLeaf(making, made);
  const { signed, next, joiner } = enterOwnEpoch(making, selection, made);
  const framed = frame(suite, state, { content: signed, context });
  const welcome = welcomeFor(making, selection, { next, joiner, made });
  joiner.fill(0);
  return {
    current: framed.state,
    next: withPresentKeys(framed.state, next),
    message: checkedMessage(framed.message),
    welcome,
    leftOut: selection.leftOut,
  };
}
