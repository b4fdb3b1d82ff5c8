/**
 * Joining by a Welcome (RFC 9420 §12.4.3.1).
 */
import { empty, equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import { encode } from "../codec/writer.ts";
import { decryptWithLabel, verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { attempt, check, type CredentialCheck, need, type Outcome, Reject } from "../outcome.ts";
import { isConfirmationTag, scheduleEpoch, welcomeSecret } from "../schedule/key-schedule.ts";
import { PROTOCOL_VERSION } from "../structs/capabilities.ts";
import { type Extension, EXTENSION, findExtension } from "../structs/extension.ts";
import { type GroupInfo, groupInfoTbs, readGroupInfo } from "../structs/group-info.ts";
import { type GroupSecrets, readGroupSecrets } from "../structs/group-secrets.ts";
import { type LeafNode, writeLeafNode } from "../structs/leaf-node.ts";
import { readMlsMessage } from "../structs/mls-message.ts";
import type { Welcome } from "../structs/welcome.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { readRatchetTree } from "../tree/tree-codec.ts";
import { treeHash } from "../tree/tree-hash.ts";
import { keysFromPathSecret } from "../tree/update-path.ts";
import { checkParentNodes, checkUniqueKeys } from "../tree/validate-tree.ts";
import { authenticateAll, type MlsContext, policyOf, secondsNow, suiteOf } from "./context.ts";
import { checkGroupExtensions } from "./group-extension-rules.ts";
import { welcomeKeys } from "./group-info.ts";
import { keyPackageReference, type OwnKeyPackage } from "./key-package.ts";
import { checkLeafNode, checkLifetime, checkLifetimeSpan, checkSupport } from "./leaf-rules.ts";
import { enterEpoch, EPOCH_MAX } from "./next-epoch.ts";
import { combinePsks } from "./psks.ts";
import { checkResumed } from "./resumed.ts";
import type { GroupState } from "./state.ts";

export type JoinOptions = {
  /** The Welcome as an MLSMessage. */
  readonly welcome: Uint8Array;
  /** Key packages of this client; the one that the Welcome is for is used. */
  readonly keyPackages: readonly OwnKeyPackage[];
  /** The ratchet tree, where the Welcome does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /**
   * The group that this one resumes; the Welcome must then be for its successor or branch: a closed one (ReInit) or the parent of a branch.
   */
  readonly resumes?: GroupState;
};

export type Joined = {
  readonly state: GroupState;
  /** Leaf index of the member who sent the Welcome. */
  readonly inviter: number;
  /** Extensions of the GroupInfo, for the application. */
  readonly groupInfoExtensions: readonly Extension[];
  /** The key package that was used; delete its secrets unless it is one of last resort. */
  readonly keyPackage: OwnKeyPackage;
};

/**
 * The caller's duties: `policy.isInGroup` says which groups this client is in, so that it joins none twice (§12.4.3); the secrets
 * of the key package are deleted after use, unless it is one of last resort (§16.8); and the new member commits soon, with a path
 * of its own (§12.4.3.1 leaves it with keys that the inviter has seen).
 */
export function joinGroup(options: JoinOptions, context: MlsContext): Outcome<Joined> {
  return attempt(() => join(options, context));
}

/** Tree, signature and every leaf of a GroupInfo from outside (§12.4.3.1 and, for external commits, §12.4.3.2). Throws Reject. */
export function openGroupInfo(
  suite: CipherSuite,
  info: GroupInfo,
  on: { readonly ratchetTree: Uint8Array | undefined; readonly context: MlsContext },
): { readonly tree: RatchetTree; readonly checks: readonly CredentialCheck[] } {
  const { groupContext } = info;
  check(groupContext.version === PROTOCOL_VERSION, "unsupported_version");
  check(groupContext.suiteId === suite.id && groupContext.epoch < EPOCH_MAX, "invalid_group_info");
  const tree = readRatchetTree(need(findExtension(info.extensions, EXTENSION.ratchetTree) ?? on.ratchetTree, "missing_tree"));
  const signer = need(tree.leaf(info.signer), "unknown_sender");
  const signed = { label: "GroupInfoTBS", content: groupInfoTbs(info), signature: info.signature };
  check(verifyWithLabel(suite, signer.signatureKey, signed), "invalid_signature");
  check(equalBytes(treeHash(suite, tree), groupContext.treeHash), "tree_hash_mismatch");
  checkParentNodes(suite, tree);
  checkUniqueKeys(tree);
  const { checkReceivedLifetimes, lifetimeSecondsMax } = policyOf(on.context);
  const checks: CredentialCheck[] = [];
  for (const { leafIndex, leaf } of tree.members()) {
    checkLeafNode(suite, leaf, { groupId: groupContext.groupId, leafIndex });
    if (checkReceivedLifetimes) checkLifetime(leaf, secondsNow(on.context));
    checkLifetimeSpan(leaf, lifetimeSecondsMax);
    checks.push({ credential: leaf.credential, signatureKey: leaf.signatureKey, purpose: "member", replaces: undefined });
  }
  checks.push(...checkGroupExtensions(groupContext.extensions));
  checkSupport(tree, { extensions: groupContext.extensions, proposalTypes: [], newcomers: new Set() });
  return { tree, checks };
}

function readWelcomeMessage(bytes: Uint8Array): Welcome {
  const message = readWhole(readMlsMessage, bytes);
  check(message.kind === "welcome", "unsupported_wire_format");
  return message.welcome;
}

type Opened = { readonly own: OwnKeyPackage; readonly secrets: GroupSecrets };

function openSecrets(suite: CipherSuite, welcome: Welcome, keyPackages: readonly OwnKeyPackage[]): Opened {
  for (const own of keyPackages) {
    if (own.keyPackage.suiteId !== suite.id) continue;
    const reference = keyPackageReference(suite, own.keyPackage);
    const entry = welcome.secrets.find(({ newMember }) => equalBytes(newMember, reference));
    if (entry === undefined) continue;
    const sealed = { label: "Welcome", context: welcome.encryptedGroupInfo, sealed: entry.encryptedGroupSecrets };
    const plaintext = need(decryptWithLabel(suite, own.secrets.initKeys, sealed), "decrypt_failed");
    const secrets = readWhole(readGroupSecrets, plaintext);
    plaintext.fill(0);
    check(secrets.joinerSecret.length === suite.hashLength, "invalid_welcome");
    return { own, secrets };
  }
  throw new Reject("welcome_not_for_us");
}

function ownIndex(tree: RatchetTree, leaf: LeafNode): number {
  const bytes = encode(writeLeafNode, leaf);
  for (const member of tree.members()) {
    if (equalBytes(member.leaf.signatureKey, leaf.signatureKey) && equalBytes(encode(writeLeafNode, member.leaf), bytes)) {
      return member.leafIndex;
    }
  }
  throw new Reject("invalid_welcome");
}

function join(options: JoinOptions, context: MlsContext): Joined {
  const welcome = readWelcomeMessage(options.welcome);
  const suite = suiteOf(context, welcome.suiteId);
  const { own, secrets } = openSecrets(suite, welcome, options.keyPackages);
  const resumes = options.resumes;
  const psks = { context, groups: resumes === undefined ? [] : [resumes], usages: ["application", "reinit", "branch"] as const };
  const pskSecret = combinePsks(suite, secrets.psks, psks);
  const keys = welcomeKeys(suite, welcomeSecret(suite, secrets.joinerSecret, pskSecret));
  const plaintext = suite.aeadOpen(keys.key, keys.nonce, { aad: empty(), data: welcome.encryptedGroupInfo });
  const info = readWhole(readGroupInfo, need(plaintext, "decrypt_failed"));
  const { tree, checks } = openGroupInfo(suite, info, { ratchetTree: options.ratchetTree, context });
  check(!policyOf(context).isInGroup(info.groupContext.groupId), "invalid_welcome");
  const index = ownIndex(tree, own.keyPackage.leafNode);
  checkResumed(secrets.psks, resumes, { info, tree, sameClient: policyOf(context).sameClient });
  authenticateAll(context, checks);
  const fromPath =
    secrets.pathSecret === undefined
      ? new Map()
      : keysFromPathSecret(suite, tree, { pathSecret: secrets.pathSecret, signer: info.signer, ownLeafIndex: index });
  const epoch = scheduleEpoch(suite, { joiner: secrets.joinerSecret, pskSecret, context: info.groupContext });
  const seen = { hash: info.groupContext.confirmedTranscriptHash, tag: info.confirmationTag };
  check(isConfirmationTag(suite, epoch.secrets, seen), "invalid_confirmation_tag");
  for (const secret of [secrets.joinerSecret, secrets.pathSecret, pskSecret, keys.key]) secret?.fill(0);
  const advanced = { ...epoch, context: info.groupContext, joiner: empty(), confirmationTag: info.confirmationTag };
  // Copies: the state's keys may be overwritten later, while a key package of last resort is used again.
  const { privateKey, publicKey } = own.secrets.encryptionKeys;
  const privateKeys = new Map([[2 * index, { privateKey: privateKey.slice(), publicKey }], ...fromPath]);
  const part = { ownLeafIndex: index, signaturePrivateKey: own.secrets.signaturePrivateKey.slice(), privateKeys };
  const state = enterEpoch(suite, advanced, { ...part, applied: { tree, reinit: undefined }, before: undefined, context });
  return { state, inviter: info.signer, groupInfoExtensions: info.extensions, keyPackage: own };
}
