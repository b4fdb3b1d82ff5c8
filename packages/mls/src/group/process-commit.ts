/**
 * Processing a received commit (RFC 9420 §12.4.2, §12.4.3.2 for external commits).
 */
import { equalBytes, keyText } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import { contextBytes, externalKeyPair } from "../schedule/key-schedule.ts";
import type { AuthenticatedContent } from "../structs/authenticated-content.ts";
import type { Commit } from "../structs/commit.ts";
import type { LeafNode } from "../structs/leaf-node.ts";
import type { UpdatePath } from "../structs/update-path.ts";
import { checkPathShape, currentKeys, filteredDirectPath, openPath, setPath } from "../tree/update-path.ts";
import { applyProposals, type Applied } from "./apply-proposals.ts";
import { allowAll, authenticateAll, type MlsContext, policyOf, secondsNow } from "./context.ts";
import { checkLeafNode } from "./leaf-rules.ts";
import { advanceEpoch, checkNewTree, enterEpoch, provisionalContext, requireConfirmationTag } from "./next-epoch.ts";
import { type Committer, isPathRequired, type ListedProposal, ofKind } from "./proposal-rules.ts";
import { combinePsks } from "./psks.ts";
import type { GroupState } from "./state.ts";
import type { Member, RatchetTree } from "../tree/ratchet-tree.ts";

/** What a commit changed, for the application. */
export type EpochChange = {
  readonly epoch: bigint;
  readonly committer: number;
  readonly external: boolean;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly updated: readonly Member[];
  readonly proposals: readonly ListedProposal[];
  /** This member is out. */
  readonly selfRemoved: boolean;
};

export type ProcessedCommit = { readonly state: GroupState; readonly change: EpochChange };

function resolveProposals(state: GroupState, commit: Commit, from: AuthenticatedContent["framed"]["sender"]): ListedProposal[] {
  const pending = new Map(state.proposals.map((entry) => [keyText(entry.reference), entry]));
  return commit.proposals.map((item) => {
    if (item.kind === "proposal") return { proposal: item.proposal, sender: from, reference: undefined };
    return need(pending.get(keyText(item.reference)), "unknown_proposal");
  });
}

/** §12.4.2: the path leaf against the leaf it replaces. */
function checkPathLeaf(
  suite: CipherSuite,
  leaf: LeafNode,
  at: { groupId: Uint8Array; leafIndex: number; before: LeafNode | undefined },
): void {
  check(leaf.source.kind === "commit", "invalid_leaf");
  checkLeafNode(suite, leaf, at);
  if (at.before !== undefined) check(!equalBytes(leaf.encryptionKey, at.before.encryptionKey), "invalid_leaf");
}

type PathInput = {
  readonly state: GroupState;
  readonly applied: Applied;
  readonly path: UpdatePath;
  readonly committerIndex: number;
  readonly before: LeafNode | undefined;
};

/** Puts a path into the provisional tree and checks it, without opening anything. */
function applyPath(suite: CipherSuite, input: PathInput): { steps: ReturnType<typeof filteredDirectPath>; added: ReadonlySet<number> } {
  const { applied, path, committerIndex } = input;
  checkPathLeaf(suite, path.leafNode, { groupId: input.state.context.groupId, leafIndex: committerIndex, before: input.before });
  const steps = filteredDirectPath(applied.tree, committerIndex);
  const added = new Set(applied.added.map(({ leafIndex }) => 2 * leafIndex));
  checkPathShape(suite, path, { tree: applied.tree, context: new Uint8Array(0), added, steps });
  const publicKeys = path.nodes.map((node) => node.encryptionKey);
  const parentHash = setPath(suite, applied.tree, { leafIndex: committerIndex, steps, publicKeys });
  applied.tree.setLeaf(committerIndex, path.leafNode);
  check(path.leafNode.source.kind === "commit" && equalBytes(path.leafNode.source.parentHash, parentHash), "invalid_parent_hash");
  return { steps, added };
}

function ownPartAfter(state: GroupState, applied: Applied): Pick<GroupState, "privateKeys" | "signaturePrivateKey"> {
  const own = applied.updated.find(({ leafIndex }) => leafIndex === state.ownLeafIndex);
  if (own === undefined) return state;
  const update = need(
    state.ownUpdates.find(({ encryptionKeys }) => equalBytes(encryptionKeys.publicKey, own.leaf.encryptionKey)),
    "unknown_proposal",
  );
  const privateKeys = new Map(state.privateKeys).set(2 * state.ownLeafIndex, update.encryptionKeys);
  return { privateKeys, signaturePrivateKey: update.signaturePrivateKey };
}

function externalInit(suite: CipherSuite, state: GroupState, kemOutput: Uint8Array): Uint8Array {
  const keys = externalKeyPair(suite, state.secrets.external);
  const wanted = { info: new Uint8Array(0), exporterContext: EXTERNAL_INIT, length: suite.hashLength };
  const init = suite.hpkeExportReceive(keys, kemOutput, wanted);
  keys.privateKey.fill(0);
  return need(init, "decrypt_failed");
}

export const EXTERNAL_INIT: Uint8Array = Uint8Array.from("MLS 1.0 external init secret", (c) => c.charCodeAt(0));

function changeOf(
  applied: Applied,
  list: readonly ListedProposal[],
  about: Pick<EpochChange, "epoch" | "committer" | "external" | "selfRemoved">,
): EpochChange {
  return {
    ...about,
    added: applied.added.map(({ leafIndex, keyPackage }) => ({ leafIndex, leaf: keyPackage.leafNode })),
    removed: applied.removed,
    updated: applied.updated.map(({ leafIndex, leaf }) => ({ leafIndex, leaf })),
    proposals: list,
  };
}

/** State of a member that a commit removed: it keeps what opens late messages of the epochs it was in, and nothing else (§12.4.2). */
function leave(state: GroupState): GroupState {
  const none = new Uint8Array(0);
  const secrets = {
    senderData: state.secrets.senderData,
    exporter: none,
    external: none,
    confirmationKey: none,
    membershipKey: none,
    resumptionPsk: none,
    epochAuthenticator: none,
    init: none,
  };
  const nothing = { proposals: [], ownUpdates: [], privateKeys: new Map(), resumptionPsks: [] };
  return { ...state, ...nothing, status: "removed", secrets, signaturePrivateKey: none };
}

/** The member that an external commit's one Remove proposal takes out: the joiner's earlier appearance (§12.2). */
function resyncedMember(state: GroupState, list: readonly ListedProposal[], committer: Committer): Member | undefined {
  const leafIndex = committer.kind === "joiner" ? ofKind(list, "remove")[0]?.proposal.removed : undefined;
  const leaf = leafIndex === undefined ? undefined : state.tree.leaf(leafIndex);
  return leafIndex === undefined || leaf === undefined ? undefined : { leafIndex, leaf };
}

/** The committer's leaf index, and the leaf it replaces. An external joiner gets the leftmost free place. */
function placeCommitter(
  applied: Applied,
  commit: Commit,
  by: { readonly committer: Committer; readonly tree: RatchetTree; readonly resynced: Member | undefined },
): { index: number; before: LeafNode | undefined } {
  const { committer } = by;
  if (committer.kind === "member") return { index: committer.leafIndex, before: by.tree.leaf(committer.leafIndex) };
  const path = need(commit.path, "path_required");
  return { index: applied.tree.add(path.leafNode), before: by.resynced?.leaf };
}

/** `content` has been authenticated. Throws Reject; `state` stays as it is. */
export function processCommit(
  state: GroupState,
  content: AuthenticatedContent,
  on: { suite: CipherSuite; context: MlsContext },
): ProcessedCommit {
  const { suite, context } = on;
  const { sender, content: body } = content.framed;
  check(body.kind === "commit" && (sender.kind === "member" || sender.kind === "newMemberCommit"), "invalid_content");
  const { commit } = body;
  const committer: Committer = sender.kind === "member" ? sender : { kind: "joiner" };
  const list = resolveProposals(state, commit, sender);
  const policy = policyOf(context);
  allowAll(context, list, committer.kind === "member" ? committer.leafIndex : "joiner");
  const { checkReceivedLifetimes, lifetimeSecondsMax } = policy;
  const applied = applyProposals(state, list, {
    suite,
    committer,
    now: checkReceivedLifetimes ? secondsNow(context) : undefined,
    lifetimeSecondsMax,
  });
  check(commit.path !== undefined || !isPathRequired(list, policy.pathlessProposalTypes), "path_required");
  const { index, before } = placeCommitter(applied, commit, {
    committer,
    tree: state.tree,
    resynced: resyncedMember(state, list, committer),
  });
  const removedSelf = applied.removed.some(({ leafIndex }) => leafIndex === state.ownLeafIndex);
  const own = removedSelf ? state : ownPartAfter(state, applied);
  const pathInput = commit.path && { state, applied, path: commit.path, committerIndex: index, before };
  const placed = pathInput && applyPath(suite, pathInput);
  checkNewTree(applied, commit.path && { leaf: commit.path.leafNode, keys: commit.path.nodes.map((node) => node.encryptionKey) });
  authenticateAll(context, [...applied.checks, ...pathChecks(commit.path, before, applied)]);
  const about = { epoch: state.context.epoch + 1n, committer: index, external: committer.kind === "joiner", selfRemoved: removedSelf };
  const change = changeOf(applied, list, about);
  if (removedSelf) return { state: leave(state), change };

  const provisional = provisionalContext(suite, state, applied);
  const opened =
    placed &&
    commit.path &&
    openPath(suite, commit.path, {
      tree: applied.tree,
      context: contextBytes(provisional),
      added: placed.added,
      steps: placed.steps,
      ownLeafIndex: state.ownLeafIndex,
      privateKeys: currentKeys(applied.tree, own.privateKeys),
    });
  const pskSecret = combinePsks(suite, applied.psks, { context, groups: [state], usages: ["application"] });
  const external = applied.kemOutput && externalInit(suite, state, applied.kemOutput);
  const epoch = advanceEpoch(suite, {
    commit: content,
    provisional,
    init: external ?? state.secrets.init,
    interim: state.interimTranscriptHash,
    commitSecret: opened?.commitSecret ?? new Uint8Array(suite.hashLength),
    pskSecret,
  });
  requireConfirmationTag(epoch, content);
  for (const secret of [pskSecret, epoch.joiner, external, opened?.commitSecret]) secret?.fill(0);
  const privateKeys = new Map([...own.privateKeys, ...(opened?.keys ?? [])]);
  const part = { ownLeafIndex: state.ownLeafIndex, signaturePrivateKey: own.signaturePrivateKey, privateKeys };
  return { state: enterEpoch(suite, epoch, { ...part, applied, before: state, context }), change };
}

/** The credential of a path's leaf; for a resync it replaces the one that the joiner removes. */
function pathChecks(path: UpdatePath | undefined, before: LeafNode | undefined, applied: Applied): Parameters<typeof authenticateAll>[1] {
  if (path === undefined) return [];
  const { credential, signatureKey } = path.leafNode;
  const purpose = applied.kemOutput === undefined ? "commit" : "joiner";
  return [{ credential, signatureKey, purpose, replaces: before?.credential }];
}
