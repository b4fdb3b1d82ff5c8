/**
 * Commits with one thing wrong. The list is applied without any check, the path is made, encrypted and hashed as it should be,
 * and the confirmation tag is the right one for what comes out.
 */
import { ascii, empty } from "../../src/bytes.ts";
import { encode, type Writer } from "../../src/codec/writer.ts";
import type { CipherSuite, KeyPair } from "../../src/crypto/provider.ts";
import type { Applied } from "../../src/group/apply-proposals.ts";
import { freshKeys, signLeafNode } from "../../src/group/key-package.ts";
import { advanceEpoch, provisionalContext } from "../../src/group/next-epoch.ts";
import { EXTERNAL_INIT } from "../../src/group/process-commit.ts";
import { type ListedProposal, ofKind, proposalTypesOf } from "../../src/group/proposal-rules.ts";
import type { GroupState } from "../../src/group/state.ts";
import type { Proposal } from "../../src/index.ts";
import { contextBytes, externalKeyPair } from "../../src/schedule/key-schedule.ts";
import { pskSecret } from "../../src/schedule/psk-secret.ts";
import type { Commit } from "../../src/structs/commit.ts";
import type { LeafNode, LeafNodeContent, LeafPosition } from "../../src/structs/leaf-node.ts";
import type { PskId } from "../../src/structs/psk.ts";
import type { UpdatePath } from "../../src/structs/update-path.ts";
import { makePath, type OwnPath, setPath } from "../../src/tree/update-path.ts";
import { defaultCapabilities } from "../../src/index.ts";
import { byValue, edit, type Forger, type Framing, sign, suiteFor, wrap } from "./forge.ts";

type Edit<T> = (value: T) => T;

export type CommitForgery = Framing & {
  /** The whole list, an external commit's ExternalInit apart. */
  readonly list?: readonly ListedProposal[];
  /** Leaves the path out. */
  readonly pathless?: boolean;
  /** The committer's new leaf before it is signed. */
  readonly leaf?: Edit<LeafNodeContent>;
  readonly leafSignWith?: Uint8Array;
  readonly leafPosition?: Partial<LeafPosition>;
  /** The leaf as signed; what is changed here the signature does not cover. */
  readonly signedLeaf?: Edit<LeafNode>;
  /** Public keys of the path's nodes, before hashes are made over them. */
  readonly publicKeys?: Edit<readonly Uint8Array[]>;
  /** Changes the secrets before they are encrypted, and leaves the public keys. */
  readonly pathSecrets?: Edit<readonly Uint8Array[]>;
  readonly path?: Edit<UpdatePath>;
  readonly commit?: Edit<Commit>;
  readonly psk?: (id: PskId) => Uint8Array;
  /** External commits: the whole list is `list`, with no ExternalInit put first. */
  readonly noExternalInit?: boolean;
};

/** Applies what can be applied, in the order of §12.3, and checks nothing. */
function applyLoosely(state: Pick<GroupState, "tree" | "context">, list: readonly ListedProposal[]): Applied {
  const tree = state.tree.clone();
  for (const { proposal, sender } of ofKind(list, "update")) {
    if (sender.kind === "member" && state.tree.leaf(sender.leafIndex)) tree.update(sender.leafIndex, proposal.leafNode);
  }
  const leaving = [
    ...ofKind(list, "selfRemove").map(({ sender }) => (sender.kind === "member" ? sender.leafIndex : -1)),
    ...ofKind(list, "remove").map(({ proposal }) => proposal.removed),
  ].filter((leafIndex) => tree.leaf(leafIndex) !== undefined);
  for (const leafIndex of leaving) tree.remove(leafIndex);
  if (leaving.length > 0) tree.truncate();
  const added = ofKind(list, "add").map(({ proposal: { keyPackage } }) => ({ leafIndex: tree.add(keyPackage.leafNode), keyPackage }));
  return {
    tree,
    extensions: ofKind(list, "groupContextExtensions").at(-1)?.proposal.extensions ?? state.context.extensions,
    added,
    updated: [],
    removed: [],
    psks: ofKind(list, "psk").map(({ proposal }) => proposal.psk),
    reinit: ofKind(list, "reinit")[0]?.proposal,
    kemOutput: ofKind(list, "externalInit")[0]?.proposal.kemOutput,
    proposalTypes: proposalTypesOf(list),
    checks: [],
  };
}

type Own = { readonly leaf: Pick<LeafNode, "credential" | "capabilities" | "extensions">; readonly signatureKeys: KeyPair };

function ownLeaf(by: Forger): Own {
  if (by.joiner !== undefined) {
    const { credential, signatureKeys } = by.joiner;
    return { leaf: { credential, capabilities: defaultCapabilities(by.state.context.suiteId, credential), extensions: [] }, signatureKeys };
  }
  const leaf = by.state.tree.leaf(by.state.ownLeafIndex);
  if (leaf === undefined) throw new Error("no leaf");
  return { leaf, signatureKeys: { publicKey: leaf.signatureKey, privateKey: by.state.signaturePrivateKey } };
}

function keysOf(suite: CipherSuite, by: Forger, own: Own): LeafNodeContent {
  const { credential, capabilities, extensions } = own.leaf;
  const { publicKey } = freshKeys(suite, by.context.random);
  return {
    credential,
    capabilities,
    extensions,
    encryptionKey: publicKey,
    signatureKey: own.signatureKeys.publicKey,
    source: { kind: "update" },
  };
}

type Placed = { readonly own: OwnPath; readonly leaf: LeafNode; readonly publicKeys: readonly Uint8Array[] };

function place(by: Forger, applied: Applied, forgery: CommitForgery): Placed {
  const suite = suiteFor(by);
  const mine = ownLeaf(by);
  const { privateKey } = mine.signatureKeys;
  const content = keysOf(suite, by, mine);
  const { groupId } = by.state.context;
  const before = by.joiner === undefined ? undefined : signLeafNode(suite, content, { privateKey, position: { groupId, leafIndex: 0 } });
  const leafIndex = before === undefined ? by.state.ownLeafIndex : applied.tree.add(before);
  const own = makePath(suite, applied.tree, { leafIndex, random: by.context.random });
  const made = own.steps.map((step) => own.keys.get(step.node)?.publicKey ?? empty());
  const publicKeys = edit<readonly Uint8Array[]>(made, forgery.publicKeys);
  const parentHash = setPath(suite, applied.tree, { leafIndex, steps: own.steps, publicKeys });
  const changed = edit<LeafNodeContent>({ ...content, source: { kind: "commit", parentHash } }, forgery.leaf);
  const position = { groupId, leafIndex, ...forgery.leafPosition };
  const leaf = edit(signLeafNode(suite, changed, { privateKey: forgery.leafSignWith ?? privateKey, position }), forgery.signedLeaf);
  applied.tree.setLeaf(leafIndex, leaf);
  return { own, leaf, publicKeys };
}

function seal(by: Forger, placed: Placed, applied: Applied): UpdatePath {
  const suite = suiteFor(by);
  const context = contextBytes(provisionalContext(suite, by.state, applied));
  const added = new Set(applied.added.map(({ leafIndex }) => 2 * leafIndex));
  const label = encode(
    (w: Writer, parts: readonly Uint8Array[]) => parts.forEach((part) => w.opaque(part)),
    [ascii("MLS 1.0 UpdatePathNode"), context],
  );
  const nodes = placed.own.steps.map((step, i) => ({
    encryptionKey: placed.publicKeys[i] ?? empty(),
    encryptedPathSecrets: applied.tree
      .resolution(step.copath)
      .filter((node) => !added.has(node))
      .map((node) => {
        const content = { info: label, aad: empty(), plaintext: placed.own.secrets[i] ?? empty() };
        // A forged key may not take anything.
        return (
          suite.hpkeSeal(applied.tree.encryptionKey(node) ?? empty(), content, by.context.random) ?? {
            kemOutput: empty(),
            ciphertext: empty(),
          }
        );
      }),
  }));
  return { leafNode: placed.leaf, nodes };
}

function withSecrets(placed: Placed, change: CommitForgery["pathSecrets"]): Placed {
  return { ...placed, own: { ...placed.own, secrets: edit(placed.own.secrets, change) } };
}

type Init = { readonly secret: Uint8Array; readonly list: readonly ListedProposal[] };

function startOf(by: Forger, forgery: CommitForgery): Init {
  const list = forgery.list ?? [];
  if (by.joiner === undefined || forgery.noExternalInit === true) return { secret: by.state.secrets.init, list };
  const suite = suiteFor(by);
  const { publicKey } = externalKeyPair(suite, by.state.secrets.external);
  const wanted = { info: empty(), exporterContext: EXTERNAL_INIT, length: suite.hashLength };
  const sent = suite.hpkeExportSend(publicKey, wanted, by.context.random);
  if (sent === undefined) throw new Error("no external init");
  return { secret: sent.secret, list: [...byValue(by, { kind: "externalInit", kemOutput: sent.kemOutput }), ...list] };
}

export function forgeCommit(by: Forger, forgery: CommitForgery = {}): Uint8Array {
  const suite = suiteFor(by);
  const { secret, list } = startOf(by, forgery);
  const applied = applyLoosely(by.state, list);
  const placed = forgery.pathless === true ? undefined : withSecrets(place(by, applied, forgery), forgery.pathSecrets);
  const provisional = provisionalContext(suite, by.state, applied);
  const path = placed && edit(seal(by, placed, applied), forgery.path);
  const proposals = list.map(({ proposal, reference }) =>
    reference === undefined ? { kind: "proposal" as const, proposal } : { kind: "reference" as const, reference },
  );
  const signed = sign(by, { kind: "commit", commit: edit<Commit>({ proposals, path }, forgery.commit) }, forgery);
  const psks = applied.psks.map((id) => ({ id, secret: forgery.psk?.(id) ?? new Uint8Array(32) }));
  const epoch = advanceEpoch(suite, {
    commit: signed,
    provisional,
    init: secret,
    interim: by.state.interimTranscriptHash,
    commitSecret: placed?.own.commitSecret ?? new Uint8Array(suite.hashLength),
    pskSecret: pskSecret(suite, psks),
  });
  const confirmationTag = edit(epoch.confirmationTag, forgery.confirmationTag);
  return wrap(by, { ...signed, auth: { ...signed.auth, confirmationTag } }, forgery);
}

/** A leaf for an Update proposal of `by`, before and after it is signed changed as asked. */
export function forgeUpdate(by: Forger, change: Pick<CommitForgery, "leaf" | "signedLeaf" | "leafPosition"> = {}): Proposal {
  const suite = suiteFor(by);
  const mine = ownLeaf(by);
  const position = { groupId: by.state.context.groupId, leafIndex: by.state.ownLeafIndex, ...change.leafPosition };
  const content = edit(keysOf(suite, by, mine), change.leaf);
  const leaf = signLeafNode(suite, content, { privateKey: mine.signatureKeys.privateKey, position });
  return { kind: "update", leafNode: edit(leaf, change.signedLeaf) };
}
