/**
 * Ratchet trees that are as costly to check as a hostile member can make them, with every hash right.
 *
 * Every parent hangs on its left child, every second leaf is unmerged at every node above it.
 */
import { empty } from "../../src/bytes.ts";
import { Writer } from "../../src/codec/writer.ts";
import type { CipherSuite, Random } from "../../src/crypto/provider.ts";
import { basicCredential } from "../../src/index.ts";
import { writeLeafNode } from "../../src/structs/leaf-node.ts";
import type { LeafNode } from "../../src/structs/leaf-node.ts";
import { isLeaf, leafRange, leftChild, nodeWidth, rightChild, rootIndex } from "../../src/tree/math.ts";
import { RatchetTree, type TreeNode } from "../../src/tree/ratchet-tree.ts";
import { writeParentNode } from "../../src/tree/tree-codec.ts";

export type Plan = { readonly suite: CipherSuite; readonly random: Random; readonly leafCapacity: number; readonly unmerged: boolean };

const CAPABILITIES = { versions: [1], suites: [1], extensions: [6], proposals: [10], credentials: [1] };

export function bigTree(plan: Plan): RatchetTree {
  const { suite, random, leafCapacity } = plan;
  const nodes = Array.from({ length: nodeWidth(leafCapacity) }, (): TreeNode | undefined => undefined);
  /** Any 32 bytes below 2^255 do for a key. */
  const key = (): Uint8Array => random(32).map((byte, i) => (i === 31 ? byte & 0x3f : byte));
  const isUnmerged = (leafIndex: number): boolean => plan.unmerged && leafIndex % 2 === 1;

  /** Fills the subtree and returns its hash as it was before the unmerged leaves came. */
  function build(index: number, parentHash: Uint8Array): Uint8Array {
    if (isLeaf(index)) return buildLeaf(index, parentHash);
    const encryptionKey = key();
    const right = build(rightChild(index), empty());
    const carried = suite.hash(new Writer(256).opaque(encryptionKey).opaque(parentHash).opaque(right).view());
    const left = build(leftChild(index), carried);
    const { first, last } = leafRange(index);
    const unmergedLeaves = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(isUnmerged);
    nodes[index] = { kind: "parent", parent: { encryptionKey, parentHash, unmergedLeaves } };
    const writer = new Writer(256).u8(2).optional({ encryptionKey, parentHash, unmergedLeaves: [] }, writeParentNode);
    return suite.hash(writer.opaque(left).opaque(right).view());
  }

  function buildLeaf(index: number, parentHash: Uint8Array): Uint8Array {
    const leafIndex = index >>> 1;
    const leaf: LeafNode = {
      encryptionKey: key(),
      signatureKey: random(32),
      credential: basicCredential(random(8)),
      capabilities: CAPABILITIES,
      source: isUnmerged(leafIndex) ? { kind: "keyPackage", lifetime: { notBefore: 0n, notAfter: 1n } } : { kind: "commit", parentHash },
      extensions: [],
      signature: random(64),
    };
    nodes[index] = { kind: "leaf", leaf };
    return suite.hash(
      new Writer(256)
        .u8(1)
        .u32(leafIndex)
        .optional(isUnmerged(leafIndex) ? undefined : leaf, writeLeafNode)
        .view(),
    );
  }

  build(rootIndex(leafCapacity), empty());
  return new RatchetTree(nodes);
}
