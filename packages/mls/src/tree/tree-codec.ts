/**
 * The ratchet_tree extension (RFC 9420 §12.4.3.3): optional<Node> ratchet_tree<V>, trailing blank nodes left out.
 */
import { type Reader, readWhole } from "../codec/reader.ts";
import { encode, type Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { check, Reject } from "../outcome.ts";
import { readLeafNode, writeLeafNode } from "../structs/leaf-node.ts";
import { isLeaf, nodeWidth } from "./math.ts";
import { type ParentNode, RatchetTree, type TreeNode } from "./ratchet-tree.ts";

export function writeParentNode(writer: Writer, parent: ParentNode): void {
  writer.opaque(parent.encryptionKey).opaque(parent.parentHash);
  writer.vector(parent.unmergedLeaves, (w, leafIndex) => w.u32(leafIndex));
}

function readParentNode(reader: Reader): ParentNode {
  const encryptionKey = reader.opaque(0xffff);
  const parentHash = reader.opaque(255);
  const unmergedLeaves = reader.vector((r) => r.u32(), LIMITS.leavesMax);
  for (let i = 1; i < unmergedLeaves.length; i++) {
    check((unmergedLeaves[i] ?? 0) > (unmergedLeaves[i - 1] ?? 0), "invalid_tree");
  }
  return { encryptionKey, parentHash, unmergedLeaves };
}

export function writeTreeNode(writer: Writer, node: TreeNode): void {
  if (node.kind === "leaf") writeLeafNode(writer.u8(1), node.leaf);
  else writeParentNode(writer.u8(2), node.parent);
}

export function readTreeNode(reader: Reader): TreeNode {
  const kind = reader.u8();
  if (kind === 1) return { kind: "leaf", leaf: readLeafNode(reader) };
  if (kind === 2) return { kind: "parent", parent: readParentNode(reader) };
  throw new Reject("decode_invalid");
}

export function encodeRatchetTree(tree: RatchetTree): Uint8Array {
  let width = tree.width;
  while (width > 0 && tree.node(width - 1) === undefined) width--;
  const nodes = Array.from({ length: width }, (_, index) => tree.node(index));
  return encode((w: Writer, list: typeof nodes) => w.vector(list, (v, node) => v.optional(node, writeTreeNode)), nodes);
}

/** Decodes and checks the shape: last node not blank, leaves at even places, parents at odd ones. Throws Reject. */
export function readRatchetTree(bytes: Uint8Array): RatchetTree {
  const nodes = readWhole((r) => r.vector((inner) => inner.optional(readTreeNode), 2 * LIMITS.leavesMax), bytes);
  check(nodes.length > 0 && nodes.at(-1) !== undefined, "invalid_tree");
  for (const [index, node] of nodes.entries()) {
    check(node === undefined || (node.kind === "leaf") === isLeaf(index), "invalid_tree");
  }
  let capacity = 1;
  while (nodeWidth(capacity) < nodes.length) capacity *= 2;
  check(capacity <= LIMITS.leavesMax, "limit_exceeded");
  while (nodes.length < nodeWidth(capacity)) nodes.push(undefined);
  return new RatchetTree(nodes);
}
