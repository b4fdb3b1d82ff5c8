/**
 * Tree math (RFC 9420 Appendix C): a left-balanced tree with a power of two of leaves, as an array. Leaf i is node 2i;
 * a node's level is the number of trailing one bits of its index.
 */

export function level(node: number): number {
  return 31 - Math.clz32(~node & (node + 1));
}

export function isLeaf(node: number): boolean {
  return (node & 1) === 0;
}

/** Nodes of a tree with `leafCapacity` leaves. */
export function nodeWidth(leafCapacity: number): number {
  return leafCapacity === 0 ? 0 : 2 * leafCapacity - 1;
}

export function rootIndex(leafCapacity: number): number {
  return leafCapacity - 1;
}

export function leftChild(node: number): number {
  return node ^ (1 << (level(node) - 1));
}

export function rightChild(node: number): number {
  return node ^ (3 << (level(node) - 1));
}

/** Parent in a full tree; the caller checks that `node` is not the root. */
export function parentOf(node: number): number {
  const k = level(node);
  return (node | (1 << k)) & ~(1 << (k + 1));
}

export function siblingOf(node: number): number {
  const parent = parentOf(node);
  return node < parent ? rightChild(parent) : leftChild(parent);
}

/** Parents of `node` from the lowest to the root. */
export function directPath(node: number, leafCapacity: number): number[] {
  const root = rootIndex(leafCapacity);
  const path: number[] = [];
  for (let at = node; at !== root;) {
    at = parentOf(at);
    path.push(at);
  }
  return path;
}

/** First and last leaf index under a node. */
export function leafRange(node: number): { readonly first: number; readonly last: number } {
  const reach = (1 << level(node)) - 1;
  return { first: (node - reach) >>> 1, last: (node + reach) >>> 1 };
}

export function isUnder(leafIndex: number, node: number): boolean {
  const range = leafRange(node);
  return leafIndex >= range.first && leafIndex <= range.last;
}
