/**
 * Joining by an external commit, and resynchronising (RFC 9420 §12.4.3.2, §8.3).
 */
import { empty, equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import { attempt, check, need, type Outcome } from "../outcome.ts";
import { contextBytes } from "../schedule/key-schedule.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { externalPub } from "../structs/external-pub.ts";
import type { GroupInfo } from "../structs/group-info.ts";
import { checkedMessage, encodeMlsMessage, readMlsMessage } from "../structs/mls-message.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { PskId } from "../structs/psk.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { applyProposals } from "./apply-proposals.ts";
import { outgoingData } from "./authenticated-data.ts";
import { authenticateAll, type MlsContext, policyOf, secondsNow, suiteOf } from "./context.ts";
import { proposalReference, signFramed } from "./framing.ts";
import { checkedCommit, checkOwnLeaf, checkSignatureKeys } from "./identity-rules.ts";
import { openGroupInfo } from "./join.ts";
import { chooseCapabilities, freshKeys, type KeyPackageOptions, signLeafNode } from "./key-package.ts";
import { advanceEpoch, checkNewTree, enterEpoch, provisionalContext } from "./next-epoch.ts";
import { pathKeys, placePath, sealPath, wipePath } from "./place-path.ts";
import { EXTERNAL_INIT } from "./process-commit.ts";
import { type ListedProposal, proposalOrRef } from "./proposal-rules.ts";
import { combinePsks } from "./psks.ts";
import type { GroupState } from "./state.ts";
import { evidenceFor, isSignedAsClaimed } from "./unframing.ts";

export type ExternalCommitOptions = Omit<KeyPackageOptions, "suiteId" | "lifetime" | "extensions" | "lastResort"> & {
  /** A GroupInfo with `external_pub`, as an MLSMessage. */
  readonly groupInfo: Uint8Array;
  readonly ratchetTree?: Uint8Array;
  /** Leaf index of an earlier appearance of this client, to be removed by the same commit. */
  readonly resync?: number;
  readonly psks?: readonly PskId[];
  /** Pending SelfRemove proposals (PublicMessages as MLSMessages) that were handed out with the GroupInfo. */
  readonly selfRemoves?: readonly Uint8Array[];
  readonly authenticatedData?: Uint8Array;
};

export type ExternalCommitResult = {
  /** Keep it when the commit was accepted. */
  readonly next: GroupState;
  readonly message: Uint8Array;
};

export function createExternalCommit(options: ExternalCommitOptions, context: MlsContext): Outcome<ExternalCommitResult> {
  return attempt(() => makeExternalCommit(options, context));
}

function readGroupInfoMessage(bytes: Uint8Array): GroupInfo {
  const message = readWhole(readMlsMessage, bytes);
  check(message.kind === "groupInfo", "unsupported_wire_format");
  return message.groupInfo;
}

/** A SelfRemove as a non-member can check it: everything but the membership tag (draft-ietf-mls-extensions). */
function readSelfRemove(suite: CipherSuite, bytes: Uint8Array, group: { info: GroupInfo; tree: RatchetTree }): ListedProposal {
  const message = readWhole(readMlsMessage, bytes);
  check(message.kind === "publicMessage", "unsupported_wire_format");
  const { framed, auth } = message.message;
  const { groupContext } = group.info;
  check(equalBytes(framed.groupId, groupContext.groupId), "wrong_group");
  check(framed.epoch === groupContext.epoch, "epoch_behind");
  check(framed.content.kind === "proposal" && framed.content.proposal.kind === "selfRemove", "invalid_content");
  const content = { wireFormat: 1, framed, auth };
  const keys = {
    context: groupContext,
    senderData: empty(),
    secretTree: { leafCapacity: 0, top: { kind: "secret" as const, secret: empty() } },
    signatureKey: (leafIndex: number) => group.tree.leaf(leafIndex)?.signatureKey,
  };
  check(isSignedAsClaimed(suite, evidenceFor(content, keys)), "invalid_signature");
  return { proposal: framed.content.proposal, sender: framed.sender, reference: proposalReference(suite, content) };
}

function listFor(
  suite: CipherSuite,
  options: ExternalCommitOptions,
  group: { info: GroupInfo; tree: RatchetTree; kemOutput: Uint8Array },
): ListedProposal[] {
  const sender = { kind: "newMemberCommit" as const };
  const proposals: Proposal[] = [{ kind: "externalInit", kemOutput: group.kemOutput }];
  if (options.resync !== undefined) proposals.push({ kind: "remove", removed: options.resync });
  for (const psk of options.psks ?? []) proposals.push({ kind: "psk", psk });
  const byReference = (options.selfRemoves ?? []).map((bytes) => readSelfRemove(suite, bytes, group));
  return [...proposals.map((proposal) => ({ proposal, sender, reference: undefined })), ...byReference];
}

function makeExternalCommit(options: ExternalCommitOptions, context: MlsContext): ExternalCommitResult {
  const info = readGroupInfoMessage(options.groupInfo);
  const { groupContext } = info;
  const suite = suiteOf(context, groupContext.suiteId);
  const { tree, checks } = openGroupInfo(suite, info, { ratchetTree: options.ratchetTree, context });
  check(options.resync !== undefined || !policyOf(context).isInGroup(groupContext.groupId), "invalid_group_info");
  authenticateAll(context, checks);
  const publicKey = need(externalPub(info.extensions), "invalid_group_info");
  const wanted = { info: empty(), exporterContext: EXTERNAL_INIT, length: suite.hashLength };
  const init = need(suite.hpkeExportSend(publicKey, wanted, context.random), "invalid_key");
  const list = listFor(suite, options, { info, tree, kemOutput: init.kemOutput });
  const base = { tree, context: groupContext };
  const { lifetimeSecondsMax } = policyOf(context);
  const applied = applyProposals(base, list, { suite, committer: { kind: "joiner" }, now: secondsNow(context), lifetimeSecondsMax });
  const { credential, signatureKeys } = options.identity;
  checkSignatureKeys(suite, signatureKeys);
  const capabilities = chooseCapabilities({ ...options, suiteId: suite.id }, context.random);
  const template = { credential, capabilities, extensions: options.leafExtensions ?? [] };
  const placeholder = signLeafNode(
    suite,
    {
      ...template,
      encryptionKey: freshKeys(suite, context.random).publicKey,
      signatureKey: signatureKeys.publicKey,
      source: { kind: "update" },
    },
    { privateKey: signatureKeys.privateKey, position: { groupId: groupContext.groupId, leafIndex: 0 } },
  );
  const leafIndex = applied.tree.add(placeholder);
  const { groupId } = groupContext;
  const made = placePath(suite, applied, { groupId, leafIndex, template, signatureKeys, random: context.random });
  checkOwnLeaf(suite, made.leaf);
  checkNewTree(applied, { leaf: made.leaf, keys: pathKeys(made) });
  const provisional = provisionalContext(suite, base, applied);
  const path = sealPath(suite, made, { applied, context: contextBytes(provisional), random: context.random });
  const proposals = list.map(proposalOrRef);
  const framed = {
    groupId,
    epoch: groupContext.epoch,
    sender: { kind: "newMemberCommit" as const },
    authenticatedData: outgoingData(groupContext.extensions, options.authenticatedData),
    content: { kind: "commit" as const, commit: checkedCommit({ proposals, path }) },
  };
  const signed = signFramed(suite, framed, { wireFormat: "publicMessage", context: groupContext, privateKey: signatureKeys.privateKey });
  const pskSecret = combinePsks(suite, applied.psks, { context, groups: [], usages: ["application"] });
  const epoch = advanceEpoch(suite, {
    commit: signed,
    provisional,
    init: init.secret,
    interim: interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, info.confirmationTag),
    commitSecret: made.own.commitSecret,
    pskSecret,
  });
  const part = { ownLeafIndex: leafIndex, signaturePrivateKey: signatureKeys.privateKey.slice(), privateKeys: made.privateKeys };
  const next = enterEpoch(suite, epoch, { ...part, applied, before: undefined, context });
  wipePath(made);
  for (const secret of [init.secret, pskSecret, epoch.joiner]) secret.fill(0);
  const auth = { ...signed.auth, confirmationTag: epoch.confirmationTag };
  return {
    next,
    message: checkedMessage(encodeMlsMessage({ kind: "publicMessage", message: { framed, auth, membershipTag: undefined } })),
  };
}
