/**
 * Making a commit (RFC 9420 §12.4.1).
 *
 * The server decides which commit of an epoch counts. So the result has two states: `current` is to be kept at once (a
 * PrivateMessage has moved a ratchet), `next` when the commit was accepted.
 */
import { empty } from "../bytes.ts";
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { attempt, check, need, type Outcome } from "../outcome.ts";
import { contextBytes } from "../schedule/key-schedule.ts";
import type { Capabilities } from "../structs/capabilities.ts";
import type { Commit } from "../structs/commit.ts";
import type { Extension } from "../structs/extension.ts";
import { encodeMlsMessage } from "../structs/mls-message.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { ResumptionUsage } from "../structs/psk.ts";
import { applyProposals, type Applied } from "./apply-proposals.ts";
import { authenticateAll, type MlsContext, policyOf, suiteOf } from "./context.ts";
import { frame, signFramed, type WireFormatName } from "./framing.ts";
import { type GroupInfoOptions, makeWelcome } from "./group-info.ts";
import type { Identity } from "./key-package.ts";
import { advanceEpoch, checkNewTree, enterEpoch, provisionalContext } from "./next-epoch.ts";
import { listProposals } from "./pending.ts";
import { type LeafTemplate, type MadePath, pathKeys, placePath, sealPath, wipePath } from "./place-path.ts";
import { isPathRequired, type ListedProposal } from "./proposal-rules.ts";
import { combinePsks } from "./psks.ts";
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
  readonly current: GroupState;
  readonly next: GroupState;
  /** The commit as an MLSMessage. */
  readonly message: Uint8Array;
  /** One Welcome for all added members, as an MLSMessage; absent when none was added. */
  readonly welcome: Uint8Array | undefined;
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
      capabilities: change?.capabilities ?? leaf.capabilities,
      extensions: change?.extensions ?? leaf.extensions,
    },
    signatureKeys: identity?.signatureKeys ?? { publicKey: leaf.signatureKey, privateKey: state.signaturePrivateKey },
  };
}

type Making = { readonly state: GroupState; readonly options: CommitOptions; readonly context: MlsContext; readonly suite: CipherSuite };

function makeOwnPath(making: Making, list: readonly ListedProposal[], applied: Applied): MadePath | undefined {
  const { state, options, context, suite } = making;
  if (!isPathRequired(list) && (options.path === false || applied.reinit !== undefined)) {
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

function checkCredentials(making: Making, applied: Applied, made: MadePath | undefined): void {
  const before = need(making.state.tree.leaf(making.state.ownLeafIndex), "usage");
  const own = made && {
    credential: made.leaf.credential,
    signatureKey: made.leaf.signatureKey,
    purpose: "commit" as const,
    replaces: before.credential,
  };
  authenticateAll(making.context, own === undefined ? applied.checks : [...applied.checks, own]);
}

type Signed = ReturnType<typeof signFramed>;

function signCommit(making: Making, commit: Commit): Signed {
  const { state, options, suite } = making;
  const framed = {
    groupId: state.context.groupId,
    epoch: state.context.epoch,
    sender: { kind: "member" as const, leafIndex: state.ownLeafIndex },
    authenticatedData: options.authenticatedData ?? empty(),
    content: { kind: "commit" as const, commit },
  };
  const wireFormat = options.wireFormat ?? "privateMessage";
  return signFramed(suite, framed, { wireFormat, context: state.context, privateKey: state.signaturePrivateKey });
}

function proposalOrRef({ proposal, reference }: ListedProposal): Commit["proposals"][number] {
  return reference === undefined ? { kind: "proposal", proposal } : { kind: "reference", reference };
}

/** {@link createCommit} for callers inside the engine. Throws Reject. */
export function makeCommit(
  state: GroupState,
  options: CommitOptions,
  on: { readonly context: MlsContext; readonly resumption: Resumption | undefined },
): CommitResult {
  requireActive(state);
  const { context, resumption } = on;
  const suite = suiteOf(context, state.context.suiteId);
  const making = { state, options, context, suite };
  const list = listProposals(state, options);
  const policy = policyOf(context);
  for (const { proposal } of list) check(policy.allowProposal(proposal), "invalid_proposal");
  const committer = { kind: "member" as const, leafIndex: state.ownLeafIndex };
  const { lifetimeSecondsMax } = policy;
  const applied = applyProposals(state, list, { suite, committer, now: context.now, lifetimeSecondsMax });
  const made = makeOwnPath(making, list, applied);
  checkNewTree(applied, made && { leaf: made.leaf, keys: pathKeys(made) });
  checkCredentials(making, applied, made);
  const provisional = provisionalContext(suite, state, applied);
  const path = made && sealPath(suite, made, { applied, context: contextBytes(provisional), random: context.random });
  const signed = signCommit(making, { proposals: list.map(proposalOrRef), path });
  const psks = {
    context,
    groups: resumption === undefined ? [state] : [state, resumption.group],
    usages: [resumption?.usage ?? ("application" as const)],
  };
  const pskSecret = combinePsks(suite, applied.psks, psks);
  const epoch = advanceEpoch(suite, {
    commit: signed,
    provisional,
    init: state.secrets.init,
    interim: state.interimTranscriptHash,
    commitSecret: made?.own.commitSecret ?? new Uint8Array(suite.hashLength),
    pskSecret,
  });
  const privateKeys = new Map([...state.privateKeys, ...(made?.privateKeys ?? [])]);
  const signaturePrivateKey = made === undefined ? state.signaturePrivateKey : leafTemplate(state, options.leaf).signatureKeys.privateKey;
  const part = { ownLeafIndex: state.ownLeafIndex, signaturePrivateKey, privateKeys };
  const next = enterEpoch(suite, epoch, { ...part, applied, before: state, context });
  const content = { ...signed, auth: { ...signed.auth, confirmationTag: epoch.confirmationTag } };
  const framed = frame(suite, state, { content, context });
  const welcomeInput = { state: next, joiner: epoch.joiner, pskSecret, psks: applied.psks, added: applied.added, path: made?.own };
  const welcome =
    applied.added.length === 0
      ? undefined
      : makeWelcome(suite, { ...welcomeInput, groupInfo: options.groupInfo ?? {}, random: context.random });
  wipePath(made);
  return {
    current: framed.state,
    next,
    message: framed.message,
    welcome: welcome && encodeMlsMessage({ kind: "welcome", welcome }),
  };
}
