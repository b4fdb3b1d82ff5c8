/**
 * A committer's fresh leaf and path in the provisional tree (RFC 9420 §7.5).
 */
import type { CipherSuite, KeyPair, Random } from "../crypto/provider.ts";
import { need } from "../outcome.ts";
import type { LeafNode } from "../structs/leaf-node.ts";
import type { UpdatePath } from "../structs/update-path.ts";
import { encryptPath, makePath, type OwnPath, type PrivateKeys, setPath } from "../tree/update-path.ts";
import type { Applied } from "./apply-proposals.ts";
import { freshKeys, signLeafNode } from "./key-package.ts";

export type LeafTemplate = Pick<LeafNode, "credential" | "capabilities" | "extensions">;

export type MadePath = { readonly own: OwnPath; readonly leaf: LeafNode; readonly privateKeys: PrivateKeys };

/** Replaces the committer's leaf and path by fresh ones; `applied.tree` changes in place. */
export function placePath(
  suite: CipherSuite,
  applied: Applied,
  maker: {
    readonly groupId: Uint8Array;
    readonly leafIndex: number;
    readonly template: LeafTemplate;
    readonly signatureKeys: KeyPair;
    readonly random: Random;
  },
): MadePath {
  const { leafIndex, signatureKeys, template } = maker;
  const own = makePath(suite, applied.tree, { leafIndex, random: maker.random });
  const publicKeys = own.steps.map((step) => need(own.keys.get(step.node), "invalid_path").publicKey);
  const parentHash = setPath(suite, applied.tree, { leafIndex, steps: own.steps, publicKeys });
  const leafKeys = freshKeys(suite, maker.random);
  const content = {
    encryptionKey: leafKeys.publicKey,
    signatureKey: signatureKeys.publicKey,
    credential: template.credential,
    capabilities: template.capabilities,
    source: { kind: "commit" as const, parentHash },
    extensions: template.extensions,
  };
  const leaf = signLeafNode(suite, content, { privateKey: signatureKeys.privateKey, position: { groupId: maker.groupId, leafIndex } });
  applied.tree.setLeaf(leafIndex, leaf);
  return { own, leaf, privateKeys: new Map([[2 * leafIndex, leafKeys], ...own.keys]) };
}

/** The path as it goes into the commit: each secret encrypted to the other side, but not to leaves that this commit adds. */
export function sealPath(
  suite: CipherSuite,
  made: MadePath,
  to: { readonly applied: Applied; readonly context: Uint8Array; readonly random: Random },
): UpdatePath {
  const added = new Set(to.applied.added.map(({ leafIndex }) => 2 * leafIndex));
  const nodes = encryptPath(suite, made.own, { tree: to.applied.tree, context: to.context, added, random: to.random });
  return { leafNode: made.leaf, nodes };
}

/** Public keys of a made path's nodes. */
export function pathKeys(made: MadePath): Uint8Array[] {
  return made.own.steps.map((step) => need(made.own.keys.get(step.node), "invalid_path").publicKey);
}

/** Overwrites the secrets of a path once nobody needs them any more; the key pairs stay. */
export function wipePath(made: MadePath | undefined): void {
  for (const secret of made?.own.secrets ?? []) secret.fill(0);
  made?.own.commitSecret.fill(0);
}
