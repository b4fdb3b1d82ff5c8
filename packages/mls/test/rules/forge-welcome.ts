/**
 * GroupInfos and Welcomes with one thing wrong: over any tree, signed by a member of it, keyed and tagged as they should be.
 * No real group is behind them: the joiner secret is drawn at random.
 */
import { empty } from "../../src/bytes.ts";
import { encode } from "../../src/codec/writer.ts";
import { encryptWithLabel, signWithLabel } from "../../src/crypto/labels.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { welcomeKeys } from "../../src/group/group-info.ts";
import { keyPackageReference } from "../../src/group/key-package.ts";
import {
  type Extension,
  EXTENSION,
  type GroupContext,
  type GroupState,
  joinGroup,
  type JoinOptions,
  type MlsContext,
  type Outcome,
  type OwnKeyPackage,
  type PskId,
} from "../../src/index.ts";
import { confirmationTag, externalKeyPair, scheduleEpoch, welcomeSecret } from "../../src/schedule/key-schedule.ts";
import { pskSecret } from "../../src/schedule/psk-secret.ts";
import { externalPubExtension } from "../../src/structs/external-pub.ts";
import { type GroupInfo, type GroupInfoContent, groupInfoTbs, writeGroupInfo } from "../../src/structs/group-info.ts";
import { type GroupSecrets, writeGroupSecrets } from "../../src/structs/group-secrets.ts";
import { encodeMlsMessage } from "../../src/structs/mls-message.ts";
import type { Welcome } from "../../src/structs/welcome.ts";
import type { RatchetTree, TreeNode } from "../../src/tree/ratchet-tree.ts";
import { encodeRatchetTree } from "../../src/tree/tree-codec.ts";
import { treeHash } from "../../src/tree/tree-hash.ts";
import { text } from "../support/clients.ts";
import type { Seat } from "../support/clients.ts";
import { edit } from "./forge.ts";

type Edit<T> = (value: T) => T;

export type InfoForgery = {
  readonly groupContext?: Partial<GroupContext>;
  /** Extensions of the GroupInfo beside tree and external_pub. */
  readonly extensions?: readonly Extension[];
  /** Content of the ratchet_tree extension; `undefined` leaves the extension out. */
  readonly ratchetTree?: Edit<Uint8Array> | undefined;
  readonly noTree?: boolean;
  readonly externalPub?: Edit<Uint8Array>;
  readonly noExternalPub?: boolean;
  /** Everything that is signed, just before it is. */
  readonly info?: Edit<GroupInfoContent>;
  readonly signWith?: Uint8Array;
  readonly signature?: Edit<Uint8Array>;
  readonly confirmationTag?: Edit<Uint8Array>;
};

export type WelcomeForgery = InfoForgery & {
  readonly psks?: readonly PskId[];
  readonly psk?: (id: PskId) => Uint8Array;
  readonly secrets?: Edit<GroupSecrets>;
  readonly welcome?: Edit<Welcome>;
  readonly pathSecret?: Uint8Array;
};

/** A group as a forger invents it: any tree, and the leaf and key that sign for it. */
export type Stage = {
  readonly suite: CipherSuite;
  readonly context: MlsContext;
  readonly tree: RatchetTree;
  readonly signer: { readonly leafIndex: number; readonly privateKey: Uint8Array };
};

/** The tree of a real group, for changes. */
export function stageOf(seat: Seat, suite: CipherSuite): Stage {
  const { state, client } = seat;
  return {
    suite,
    context: client.context,
    tree: state.tree.clone(),
    signer: { leafIndex: state.ownLeafIndex, privateKey: state.signaturePrivateKey },
  };
}

/** The stage with `own` added as a new member. */
export function withJoiner(stage: Stage, own: OwnKeyPackage): Stage {
  const tree = stage.tree.clone();
  tree.add(own.keyPackage.leafNode);
  return { ...stage, tree };
}

/** The stage with one node of the tree changed. */
export function withNode(stage: Stage, index: number, change: (node: TreeNode | undefined) => TreeNode | undefined): Stage {
  const tree = stage.tree.clone();
  tree.set(index, change(tree.node(index)));
  return { ...stage, tree };
}

function contextOf(stage: Stage, forgery: InfoForgery): GroupContext {
  return {
    version: 1,
    suiteId: stage.suite.id,
    groupId: text("group"),
    epoch: 1n,
    treeHash: treeHash(stage.suite, stage.tree),
    confirmedTranscriptHash: stage.context.random(stage.suite.hashLength),
    extensions: [],
    ...forgery.groupContext,
  };
}

type Parts = { readonly groupContext: GroupContext; readonly tag: Uint8Array; readonly external: Uint8Array };

function signInfo(stage: Stage, forgery: InfoForgery, parts: Parts): GroupInfo {
  const extensions: Extension[] = [...(forgery.extensions ?? [])];
  const tree = edit(encodeRatchetTree(stage.tree), forgery.ratchetTree);
  if (forgery.noTree !== true) extensions.push({ type: EXTENSION.ratchetTree, data: tree });
  if (forgery.noExternalPub !== true) {
    const { publicKey } = externalKeyPair(stage.suite, parts.external);
    extensions.push(externalPubExtension(edit(publicKey, forgery.externalPub)));
  }
  const content: GroupInfoContent = {
    groupContext: parts.groupContext,
    extensions,
    confirmationTag: edit(parts.tag, forgery.confirmationTag),
    signer: stage.signer.leafIndex,
  };
  const changed = edit(content, forgery.info);
  const signing = { label: "GroupInfoTBS", content: groupInfoTbs(changed) };
  return {
    ...changed,
    signature: edit(signWithLabel(stage.suite, forgery.signWith ?? stage.signer.privateKey, signing), forgery.signature),
  };
}

/** A GroupInfo as one gets it to join by an external commit. */
export function forgeGroupInfo(stage: Stage, forgery: InfoForgery = {}): Uint8Array {
  const { suite, context } = stage;
  const groupContext = contextOf(stage, forgery);
  const { secrets } = scheduleEpoch(suite, {
    joiner: context.random(suite.hashLength),
    pskSecret: context.random(suite.hashLength),
    context: groupContext,
  });
  const tag = confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash);
  return encodeMlsMessage({ kind: "groupInfo", groupInfo: signInfo(stage, forgery, { groupContext, tag, external: secrets.external }) });
}

/** A Welcome for `own`, whose leaf is in the stage's tree unless that is what is wrong. */
export function forgeWelcome(stage: Stage, own: OwnKeyPackage, forgery: WelcomeForgery = {}): Uint8Array {
  const { suite, context } = stage;
  const groupContext = contextOf(stage, forgery);
  const joiner = context.random(suite.hashLength);
  const psks = (forgery.psks ?? []).map((id) => ({ id, secret: forgery.psk?.(id) ?? new Uint8Array(32) }));
  const combined = pskSecret(suite, psks);
  const { secrets } = scheduleEpoch(suite, { joiner, pskSecret: combined, context: groupContext });
  const tag = confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash);
  const info = signInfo(stage, { noExternalPub: true, ...forgery }, { groupContext, tag, external: secrets.external });
  const keys = welcomeKeys(suite, welcomeSecret(suite, joiner, combined));
  const encryptedGroupInfo = suite.aeadSeal(keys.key, keys.nonce, { aad: empty(), data: encode(writeGroupInfo, info) });
  const groupSecrets = edit<GroupSecrets>(
    { joinerSecret: joiner, pathSecret: forgery.pathSecret, psks: forgery.psks ?? [] },
    forgery.secrets,
  );
  const label = {
    label: "Welcome",
    context: encryptedGroupInfo,
    plaintext: encode(writeGroupSecrets, groupSecrets),
    random: context.random,
  };
  const encryptedGroupSecrets = encryptWithLabel(suite, own.keyPackage.initKey, label);
  const welcome = {
    suiteId: suite.id,
    secrets: [{ newMember: keyPackageReference(suite, own.keyPackage), encryptedGroupSecrets }],
    encryptedGroupInfo,
  };
  return encodeMlsMessage({ kind: "welcome", welcome: edit<Welcome>(welcome, forgery.welcome) });
}

export type Joining = Omit<JoinOptions, "welcome" | "keyPackages"> & { readonly resumes?: GroupState };

/** What the owner of `own` says to a Welcome. */
export function joinWith(
  welcome: Uint8Array,
  own: OwnKeyPackage,
  on: { readonly context: MlsContext; readonly more?: Joining },
): Outcome<unknown> {
  return joinGroup({ welcome, keyPackages: [own], ...on.more }, on.context);
}
