/**
 * Checks on a whole tree that arrives from outside (RFC 9420 §7.9.2, §12.4.3.1). Leaf nodes are checked elsewhere.
 */
import { equalBytes, keyText } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import { isUnder, leftChild, parentOf, rightChild } from "./math.ts";
import type { ParentNode, RatchetTree } from "./ratchet-tree.ts";
import { parentHash } from "./tree-hash.ts";

/** Unmerged leaves of each nonblank parent, for quick look-ups. */
type UnmergedLists = ReadonlyMap<number, ReadonlySet<number>>;

function unmergedLists(tree: RatchetTree): UnmergedLists {
  const lists = new Map<number, ReadonlySet<number>>();
  for (let index = 1; index < tree.width; index += 2) {
    const parent = tree.parent(index);
    if (parent !== undefined) lists.set(index, new Set(parent.unmergedLeaves));
  }
  return lists;
}

/** §12.4.3.1: each unmerged leaf is a member below, and every nonblank node between lists it too. */
function checkUnmergedLeaves(tree: RatchetTree, index: number, lists: UnmergedLists): void {
  const parent = need(tree.parent(index), "invalid_tree");
  for (const leafIndex of parent.unmergedLeaves) {
    check(isUnder(leafIndex, index) && tree.leaf(leafIndex) !== undefined, "invalid_tree");
    for (let at = parentOf(2 * leafIndex); at !== index; at = parentOf(at)) {
      check(lists.get(at)?.has(leafIndex) ?? true, "invalid_tree");
    }
  }
}

/**
 * §7.9.2: whether exactly one node D of the resolution of `child` is not an unmerged leaf of `parent`, and D carries
 * the parent hash of `parent`. With {@link checkUnmergedLeaves} this is the RFC's condition: the unmerged leaves of
 * `parent` below `child` are the resolution of `child` without D.
 */
function isParentHashValid(suite: CipherSuite, tree: RatchetTree, link: { parent: ParentNode; child: number; sibling: number }): boolean {
  const { parent, child, sibling } = link;
  const unmerged = new Set(parent.unmergedLeaves.map((leafIndex) => 2 * leafIndex));
  const rest = tree.resolution(child).filter((index) => !unmerged.has(index));
  if (rest.length !== 1) return false;
  const index = rest[0] ?? 0;
  const node = tree.node(index);
  if (node === undefined) return false;
  const carried =
    node.kind === "parent" ? node.parent.parentHash : node.leaf.source.kind === "commit" ? node.leaf.source.parentHash : undefined;
  return carried !== undefined && equalBytes(carried, parentHash(suite, tree, { parent, sibling }));
}

/** Unmerged leaves and parent hashes of every parent node. Throws Reject. */
export function checkParentNodes(suite: CipherSuite, tree: RatchetTree): void {
  const lists = unmergedLists(tree);
  for (let index = 1; index < tree.width; index += 2) {
    const parent = tree.parent(index);
    if (parent === undefined) continue;
    check(suite.isHpkePublicKey(parent.encryptionKey), "invalid_key");
    checkUnmergedLeaves(tree, index, lists);
    const left = leftChild(index);
    const right = rightChild(index);
    const valid =
      isParentHashValid(suite, tree, { parent, child: left, sibling: right }) ||
      isParentHashValid(suite, tree, { parent, child: right, sibling: left });
    check(valid, "invalid_parent_hash");
  }
}

/** Encryption keys are unique over all nodes, signature keys over all leaves. Throws Reject. */
export function checkUniqueKeys(tree: RatchetTree): void {
  const encryptionKeys = new Set<string>();
  const signatureKeys = new Set<string>();
  for (let index = 0; index < tree.width; index++) {
    const node = tree.node(index);
    if (node === undefined) continue;
    const key = keyText(node.kind === "leaf" ? node.leaf.encryptionKey : node.parent.encryptionKey);
    check(!encryptionKeys.has(key), "duplicate_key");
    encryptionKeys.add(key);
    if (node.kind === "parent") continue;
    const signatureKey = keyText(node.leaf.signatureKey);
    check(!signatureKeys.has(signatureKey), "duplicate_key");
    signatureKeys.add(signatureKey);
  }
}
