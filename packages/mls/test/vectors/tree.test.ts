/** tree-operations, tree-validation and treekem of the official vectors. */
import { beforeAll, describe, expect, test } from "vitest";
import { readWhole } from "../../src/codec/reader.ts";
import { deriveSecret } from "../../src/crypto/labels.ts";
import type { CipherSuite, CryptoProvider, KeyPair } from "../../src/crypto/provider.ts";
import { checkLeafNode } from "../../src/group/leaf-rules.ts";
import { contextBytes } from "../../src/schedule/key-schedule.ts";
import { readProposal } from "../../src/structs/proposal.ts";
import { readUpdatePath } from "../../src/structs/update-path.ts";
import type { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { encodeRatchetTree, readRatchetTree } from "../../src/tree/tree-codec.ts";
import { treeHash } from "../../src/tree/tree-hash.ts";
import { checkPathShape, encryptPath, filteredDirectPath, makePath, openPath, setPath } from "../../src/tree/update-path.ts";
import { checkParentNodes, checkUniqueKeys } from "../../src/tree/validate-tree.ts";
import { testProvider, testRandom } from "../support/provider.ts";
import { hasVectors, hex, readVectors, supported, toHex, whyNoVectors } from "../support/vectors.ts";

let provider: CryptoProvider;

beforeAll(async () => {
  provider = await testProvider();
});

type TreeKem = {
  cipher_suite: number;
  group_id: string;
  epoch: number;
  confirmed_transcript_hash: string;
  ratchet_tree: string;
  leaves_private: { index: number; encryption_priv: string; signature_priv: string; path_secrets: { node: number; path_secret: string }[] }[];
  update_paths: { sender: number; update_path: string; commit_secret: string; tree_hash_after: string; path_secrets: (string | null)[] }[];
};

function privateKeysOf(suite: CipherSuite, tree: RatchetTree, own: TreeKem["leaves_private"][number]): Map<number, KeyPair> {
  const privateKey = hex(own.encryption_priv);
  const keys = new Map([[2 * own.index, { privateKey, publicKey: suite.hpkePublicKey(privateKey) ?? new Uint8Array(0) }]]);
  for (const { node, path_secret: secret } of own.path_secrets) {
    keys.set(node, suite.hpkeDeriveKeyPair(deriveSecret(suite, hex(secret), "node")));
  }
  for (const [node, pair] of keys) expect(toHex(tree.encryptionKey(node))).toBe(toHex(pair.publicKey));
  return keys;
}

function runTreeKem(suite: CipherSuite, vector: TreeKem): void {
  const tree = readRatchetTree(hex(vector.ratchet_tree));
  const members = vector.leaves_private.map((own) => ({ own, privateKeys: privateKeysOf(suite, tree, own) }));
  const groupContext = (after: RatchetTree): Uint8Array =>
    contextBytes({
      version: 1,
      suiteId: suite.id,
      groupId: hex(vector.group_id),
      epoch: BigInt(vector.epoch),
      treeHash: treeHash(suite, after),
      confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
      extensions: [],
    });
  const added = new Set<number>();
  for (const expected of vector.update_paths) {
    const path = readWhole(readUpdatePath, hex(expected.update_path));
    checkLeafNode(suite, path.leafNode, { groupId: hex(vector.group_id), leafIndex: expected.sender });
    const after = tree.clone();
    const steps = filteredDirectPath(after, expected.sender);
    checkPathShape(suite, path, { tree: after, context: new Uint8Array(0), added, steps });
    const hash = setPath(suite, after, { leafIndex: expected.sender, steps, publicKeys: path.nodes.map((node) => node.encryptionKey) });
    expect(path.leafNode.source).toEqual({ kind: "commit", parentHash: hash });
    after.setLeaf(expected.sender, path.leafNode);
    expect(toHex(treeHash(suite, after))).toBe(expected.tree_hash_after);
    const context = groupContext(after);
    for (const { own, privateKeys } of members) {
      if (own.index === expected.sender) continue;
      const opened = openPath(suite, path, { tree: after, context, added, steps, ownLeafIndex: own.index, privateKeys });
      expect(toHex(opened.commitSecret)).toBe(expected.commit_secret);
      const lowest = [...opened.keys.values()][0];
      const secret = hex(expected.path_secrets[own.index] ?? "");
      expect(toHex(suite.hpkeDeriveKeyPair(deriveSecret(suite, secret, "node")).publicKey)).toBe(toHex(lowest?.publicKey));
    }
    runOwnPath(suite, tree, { sender: expected.sender, members, groupContext });
  }
}

function runOwnPath(
  suite: CipherSuite,
  tree: RatchetTree,
  from: {
    sender: number;
    members: { own: TreeKem["leaves_private"][number]; privateKeys: Map<number, KeyPair> }[];
    groupContext: (tree: RatchetTree) => Uint8Array;
  },
): void {
  const after = tree.clone();
  const random = testRandom(from.sender);
  const made = makePath(suite, after, { leafIndex: from.sender, random });
  setPath(suite, after, { leafIndex: from.sender, steps: made.steps, publicKeys: made.steps.map((step) => made.keys.get(step.node)?.publicKey ?? new Uint8Array(0)) });
  const context = from.groupContext(after);
  const nodes = encryptPath(suite, made, { tree: after, context, added: new Set(), random });
  const leafNode = tree.leaf(from.sender);
  if (leafNode === undefined) throw new Error("the sender is a member");
  for (const { own, privateKeys } of from.members) {
    if (own.index === from.sender) continue;
    const opened = openPath(suite, { leafNode, nodes }, { tree: after, context, added: new Set(), steps: made.steps, ownLeafIndex: own.index, privateKeys });
    expect(toHex(opened.commitSecret)).toBe(toHex(made.commitSecret));
  }
}

describe("official vectors", () => {
  test.beforeEach((context) => {
    if (!hasVectors) context.skip(whyNoVectors);
  });

  test("tree-operations", async () => {
    type Vector = Record<"proposal" | "tree_after" | "tree_before" | "tree_hash_after" | "tree_hash_before", string> & {
      cipher_suite: number;
      proposal_sender: number;
    };
    const { cases, left } = supported(await readVectors<Vector>("tree-operations"), provider);
    expect([cases.length > 0, left]).toEqual([true, 0]);
    for (const { vector, suite } of cases) {
      const tree = readRatchetTree(hex(vector.tree_before));
      expect(toHex(treeHash(suite, tree))).toBe(vector.tree_hash_before);
      const proposal = readWhole(readProposal, hex(vector.proposal));
      if (proposal.kind === "add") tree.add(proposal.keyPackage.leafNode);
      else if (proposal.kind === "update") tree.update(vector.proposal_sender, proposal.leafNode);
      else if (proposal.kind === "remove") {
        tree.remove(proposal.removed);
        tree.truncate();
      }
      expect(toHex(encodeRatchetTree(tree))).toBe(vector.tree_after);
      expect(toHex(treeHash(suite, tree))).toBe(vector.tree_hash_after);
    }
  });

  test("tree-validation", async () => {
    type Vector = { cipher_suite: number; tree: string; group_id: string; tree_hashes: string[]; resolutions: number[][] };
    const { cases } = supported(await readVectors<Vector>("tree-validation"), provider);
    expect(cases.length).toBeGreaterThan(30);
    for (const { vector, suite } of cases) {
      const tree = readRatchetTree(hex(vector.tree));
      for (const [index, resolution] of vector.resolutions.entries()) {
        expect(tree.resolution(index)).toEqual(resolution);
        expect(tree.isEmptyResolution(index)).toBe(resolution.length === 0);
      }
      for (const [index, hash] of vector.tree_hashes.entries()) expect(toHex(treeHash(suite, tree, index))).toBe(hash);
      checkParentNodes(suite, tree);
      checkUniqueKeys(tree);
      for (const { leafIndex, leaf } of tree.members()) checkLeafNode(suite, leaf, { groupId: hex(vector.group_id), leafIndex });
    }
  });

  test("treekem", { timeout: 120_000 }, async () => {
    const { cases } = supported(await readVectors<TreeKem>("treekem"), provider);
    expect(cases.length).toBeGreaterThan(30);
    for (const { vector, suite } of cases) runTreeKem(suite, vector);
  });
});
