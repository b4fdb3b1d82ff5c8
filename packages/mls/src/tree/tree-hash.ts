/**
 * Tree hashes (RFC 9420 §7.8) and parent hashes (§7.9)
 *
 *   TreeHashInput: leaf(1): uint32 leaf_index; optional<LeafNode>
 *                  parent(2): optional<ParentNode>; opaque left_hash<V>; opaque right_hash<V>
 *   ParentHashInput: HPKEPublicKey encryption_key<V>; opaque parent_hash<V>; opaque original_sibling_tree_hash<V>
 *
 * Depth of recursion is the height of the tree, at most 14 (limits).
 */
import { Writer } from "../codec/writer.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { writeLeafNode } from "../structs/leaf-node.ts";
import { isLeaf, leafRange, leftChild, rightChild } from "./math.ts";
import type { ParentNode, RatchetTree } from "./ratchet-tree.ts";
import { writeParentNode } from "./tree-codec.ts";

function hashLeaf(suite: CipherSuite, leafIndex: number, leaf: ReturnType<RatchetTree["leaf"]>): Uint8Array {
  return suite.hash(new Writer(512).u8(1).u32(leafIndex).optional(leaf, writeLeafNode).view());
}

function hashParent(suite: CipherSuite, parent: ParentNode | undefined, children: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const writer = new Writer(512).u8(2).optional(parent, writeParentNode).opaque(children[0]).opaque(children[1]);
  return suite.hash(writer.view());
}

/** Hash of the subtree under a node (default: of the whole tree), remembered in the tree. */
export function treeHash(suite: CipherSuite, tree: RatchetTree, index: number = tree.root): Uint8Array {
  const remembered = tree.rememberedHash(index);
  if (remembered !== undefined) return remembered;
  const hash = isLeaf(index)
    ? hashLeaf(suite, index >>> 1, tree.leaf(index >>> 1))
    : hashParent(suite, tree.parent(index), [treeHash(suite, tree, leftChild(index)), treeHash(suite, tree, rightChild(index))]);
  tree.rememberHash(index, hash);
  return hash;
}

/** §7.9 original_sibling_tree_hash: the subtree's hash as if `without` (leaf indices) had not been added. */
function originalTreeHash(suite: CipherSuite, tree: RatchetTree, subject: { index: number; without: ReadonlySet<number> }): Uint8Array {
  const { index } = subject;
  const range = leafRange(index);
  const without = new Set([...subject.without].filter((leafIndex) => leafIndex >= range.first && leafIndex <= range.last));
  if (without.size === 0) return treeHash(suite, tree, index);
  if (isLeaf(index)) return hashLeaf(suite, index >>> 1, undefined);
  const parent = tree.parent(index);
  const original = parent && { ...parent, unmergedLeaves: parent.unmergedLeaves.filter((leafIndex) => !without.has(leafIndex)) };
  return hashParent(suite, original, [
    originalTreeHash(suite, tree, { index: leftChild(index), without }),
    originalTreeHash(suite, tree, { index: rightChild(index), without }),
  ]);
}

/** The parent hash that a child of `parent` carries; `sibling` is the child on the other side. */
export function parentHash(suite: CipherSuite, tree: RatchetTree, subject: { parent: ParentNode; sibling: number }): Uint8Array {
  const { parent, sibling } = subject;
  const original = originalTreeHash(suite, tree, { index: sibling, without: new Set(parent.unmergedLeaves) });
  return suite.hash(new Writer(512).opaque(parent.encryptionKey).opaque(parent.parentHash).opaque(original).view());
}
