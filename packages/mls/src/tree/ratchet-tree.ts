/**
 * The public ratchet tree (RFC 9420 §4, §7.8, §12.4.3.3)
 *
 *   ParentNode: HPKEPublicKey encryption_key<V>; opaque parent_hash<V>; uint32 unmerged_leaves<V>
 *   optional<Node> ratchet_tree<V>;  Node: NodeType leaf(1) | parent(2), then the node
 *
 * Nodes are immutable and shared between versions of a tree. A RatchetTree is changed only by the code that has just
 * cloned it; once it is part of a state it never changes, except that computed hashes are remembered in it.
 */
import { LIMITS } from "../limits.ts";
import { check } from "../outcome.ts";
import type { LeafNode } from "../structs/leaf-node.ts";
import { directPath, isLeaf, leftChild, nodeWidth, parentOf, rightChild, rootIndex } from "./math.ts";

export type ParentNode = {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  /** Leaf indices, strictly increasing. */
  readonly unmergedLeaves: readonly number[];
};

export type TreeNode = { readonly kind: "leaf"; readonly leaf: LeafNode } | { readonly kind: "parent"; readonly parent: ParentNode };

export type Member = { readonly leafIndex: number; readonly leaf: LeafNode };

/** A sorted list with one more value. Sorting anew would make an addition of thousands of members take seconds. */
function withInserted(sorted: readonly number[], value: number): number[] {
  let at = sorted.length;
  while (at > 0 && (sorted[at - 1] ?? 0) > value) at--;
  return sorted.toSpliced(at, 0, value);
}

export class RatchetTree {
  readonly #nodes: (TreeNode | undefined)[];
  /** Remembered tree hashes by node; `undefined` where not computed since the last change below. */
  readonly #hashes: (Uint8Array | undefined)[];

  constructor(nodes: (TreeNode | undefined)[], hashes: (Uint8Array | undefined)[] = []) {
    this.#nodes = nodes;
    this.#hashes = hashes;
  }

  clone(): RatchetTree {
    return new RatchetTree(this.#nodes.slice(), this.#hashes.slice());
  }

  get leafCapacity(): number {
    return (this.#nodes.length + 1) >>> 1;
  }

  get width(): number {
    return this.#nodes.length;
  }

  get root(): number {
    return rootIndex(this.leafCapacity);
  }

  node(index: number): TreeNode | undefined {
    return this.#nodes[index];
  }

  leaf(leafIndex: number): LeafNode | undefined {
    const node = this.#nodes[2 * leafIndex];
    return node?.kind === "leaf" ? node.leaf : undefined;
  }

  parent(index: number): ParentNode | undefined {
    const node = this.#nodes[index];
    return node?.kind === "parent" ? node.parent : undefined;
  }

  encryptionKey(index: number): Uint8Array | undefined {
    const node = this.#nodes[index];
    return node?.kind === "leaf" ? node.leaf.encryptionKey : node?.parent.encryptionKey;
  }

  *members(): Generator<Member> {
    for (let at = 0; at < this.#nodes.length; at += 2) {
      const node = this.#nodes[at];
      if (node?.kind === "leaf") yield { leafIndex: at >>> 1, leaf: node.leaf };
    }
  }

  rememberedHash(index: number): Uint8Array | undefined {
    return this.#hashes[index];
  }

  rememberHash(index: number, hash: Uint8Array): void {
    this.#hashes[index] = hash;
  }

  /** Replaces one node and forgets the hashes from it to the root. */
  set(index: number, node: TreeNode | undefined): void {
    this.#nodes[index] = node;
    const root = this.root;
    for (let at = index; ; at = parentOf(at)) {
      this.#hashes[at] = undefined;
      if (at === root) return;
    }
  }

  setLeaf(leafIndex: number, leaf: LeafNode | undefined): void {
    this.set(2 * leafIndex, leaf && { kind: "leaf", leaf });
  }

  blankPath(leafIndex: number): void {
    for (const index of directPath(2 * leafIndex, this.leafCapacity)) {
      if (this.#nodes[index] !== undefined) this.set(index, undefined);
    }
  }

  /** §7.7: puts a leaf at the leftmost blank place at or after `from`, extending the tree if there is none; returns its index. */
  add(leaf: LeafNode, from = 0): number {
    let leafIndex = from;
    while (leafIndex < this.leafCapacity && this.#nodes[2 * leafIndex] !== undefined) leafIndex++;
    if (leafIndex >= this.leafCapacity) this.#extend();
    this.setLeaf(leafIndex, leaf);
    for (const index of directPath(2 * leafIndex, this.leafCapacity)) {
      const parent = this.parent(index);
      if (parent === undefined) continue;
      const unmergedLeaves = withInserted(parent.unmergedLeaves, leafIndex);
      this.set(index, { kind: "parent", parent: { ...parent, unmergedLeaves } });
    }
    return leafIndex;
  }

  #extend(): void {
    const capacity = Math.max(1, this.leafCapacity * 2);
    check(capacity <= LIMITS.leavesMax, "limit_exceeded");
    const width = nodeWidth(capacity);
    while (this.#nodes.length < width) this.#nodes.push(undefined);
  }

  /** §7.7: replaces a leaf and blanks the nodes above it. */
  update(leafIndex: number, leaf: LeafNode): void {
    this.setLeaf(leafIndex, leaf);
    this.blankPath(leafIndex);
  }

  /** §7.8: blanks a leaf and the nodes above it. The caller truncates after the last removal. */
  remove(leafIndex: number): void {
    this.setLeaf(leafIndex, undefined);
    this.blankPath(leafIndex);
  }

  /** §7.8: halves the tree while its right half has no leaf. */
  truncate(): void {
    let last = this.leafCapacity - 1;
    while (last > 0 && this.#nodes[2 * last] === undefined) last--;
    let capacity = 1;
    while (capacity <= last) capacity *= 2;
    const width = nodeWidth(capacity);
    if (width < this.#nodes.length) {
      this.#nodes.length = width;
      this.#hashes.length = Math.min(this.#hashes.length, width);
    }
  }

  /** §4.1.1 resolution: the nonblank nodes that together cover a node's members. */
  resolution(index: number): number[] {
    const found: number[] = [];
    const pending = [index];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const node = this.#nodes[at];
      if (node !== undefined) {
        found.push(at);
        if (node.kind === "parent") for (const leafIndex of node.parent.unmergedLeaves) found.push(2 * leafIndex);
      } else if (!isLeaf(at)) {
        pending.push(rightChild(at), leftChild(at));
      }
    }
    return found;
  }

  isEmptyResolution(index: number): boolean {
    if (this.#nodes[index] !== undefined) return false;
    if (isLeaf(index)) return true;
    return this.isEmptyResolution(leftChild(index)) && this.isEmptyResolution(rightChild(index));
  }
}
