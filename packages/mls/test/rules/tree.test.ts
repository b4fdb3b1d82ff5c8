/** RFC 9420 §7.1, §7.8, §7.9.2, §12.4.3.1, §12.4.3.3: a ratchet tree that comes from outside. */
import { beforeAll, describe, expect, test } from "vitest";
import { encode, type Writer } from "../../src/codec/writer.ts";
import { createExternalCommit, type OwnKeyPackage } from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import type { ParentNode, RatchetTree, TreeNode } from "../../src/tree/ratchet-tree.ts";
import { encodeRatchetTree, readRatchetTree, writeTreeNode } from "../../src/tree/tree-codec.ts";
import { codeOf, type Seat, text } from "../support/clients.ts";
import { cast, type Cast, stranger, suiteIn } from "./cast.ts";
import { flip } from "./forge.ts";
import { forgeOwnKeyPackage } from "./forge-key-package.ts";
import { forgeGroupInfo, forgeWelcome, type InfoForgery, joinWith, type Stage, stageOf, withJoiner, withNode } from "./forge-welcome.ts";

let scene: Cast;
let own: OwnKeyPackage;
/** Five members, every parent of the first four filled; the joiner at leaf 5, unmerged at the root alone. */
let stage: Stage;

beforeAll(async () => {
  scene = await cast({ names: ["ada", "bob", "cyn", "dan", "eli"], full: true });
  own = forgeOwnKeyPackage(stranger(scene.crypto));
  stage = withJoiner(stageOf(scene.ada, suiteIn(scene.crypto)), own);
});

/** What a joiner says to the tree, by a Welcome and by a GroupInfo. */
function verdicts(changed: Stage, forgery: InfoForgery = {}): string[] {
  const { context, identity } = (scene.seats[1] as Seat).client;
  const byWelcome = codeOf(joinWith(forgeWelcome(changed, own, forgery), own, { context }));
  const newcomer = { ...identity, signatureKeys: stranger(scene.crypto, "other").identity.signatureKeys };
  return [byWelcome, codeOf(createExternalCommit({ groupInfo: forgeGroupInfo(changed, forgery), identity: newcomer }, context))];
}

function twice(code: string): string[] {
  return [code, code];
}

function withParent(index: number, change: (parent: ParentNode) => Partial<ParentNode>): Stage {
  return withNode(stage, index, (node): TreeNode => {
    if (node?.kind !== "parent") throw new Error("no parent there");
    return { kind: "parent", parent: { ...node.parent, ...change(node.parent) } };
  });
}

function nodesOf(tree: RatchetTree): (TreeNode | undefined)[] {
  return Array.from({ length: tree.width }, (_, index) => tree.node(index));
}

function encodeNodes(nodes: readonly (TreeNode | undefined)[]): Uint8Array {
  return encode((w: Writer, list: typeof nodes) => w.vector(list, (v, node) => v.optional(node, writeTreeNode)), nodes);
}

describe("the tree", () => {
  test("is good when nothing is wrong", () => {
    expect(stage.tree.parent(7)?.unmergedLeaves).toEqual([5]);
    expect(verdicts(stage)).toEqual(twice("ok"));
  });
});

describe("§12.4.3.3 the encoding", () => {
  const decoded = (nodes: readonly (TreeNode | undefined)[]): string => codeOf(attempt(() => readRatchetTree(encodeNodes(nodes))));

  test("does not end with a blank node", () => {
    const nodes = nodesOf(stage.tree).slice(0, 11);
    expect(decoded(nodes)).toBe("ok");
    expect(decoded([...nodes, undefined])).toBe("invalid_tree");
    expect(decoded(nodesOf(stage.tree))).toBe("invalid_tree");
    expect(verdicts(stage, { ratchetTree: () => encodeNodes([...nodes, undefined]) })).toEqual(twice("invalid_tree"));
  });
  test("is not empty", () => {
    expect(decoded([])).toBe("invalid_tree");
    expect(verdicts(stage, { ratchetTree: () => encodeNodes([]) })).toEqual(twice("invalid_tree"));
  });
  test("has leaves at even places and parents at odd ones", () => {
    const nodes = nodesOf(stage.tree).slice(0, 11);
    expect(decoded([nodes[0], nodes[2], nodes[4]])).toBe("invalid_tree");
    expect(decoded([nodes[1], nodes[3], nodes[0]])).toBe("invalid_tree");
    expect(decoded([nodes[0], nodes[1], nodes[1]])).toBe("invalid_tree");
  });
  test("has node kinds that exist and presence bytes of 0 and 1", () => {
    const bytes = encodeRatchetTree(stage.tree);
    expect(codeOf(attempt(() => readRatchetTree(bytes)))).toBe("ok");
    const start = bytes.findIndex((byte, i) => i > 1 && byte === 1);
    expect(codeOf(attempt(() => readRatchetTree(bytes.map((byte, i) => (i === start ? 2 : byte)))))).toBe("decode_invalid");
    expect(codeOf(attempt(() => readRatchetTree(bytes.map((byte, i) => (i === start + 1 ? 3 : byte)))))).toBe("decode_invalid");
  });
});

describe("§7.1 unmerged leaves", () => {
  test("are sorted", () => {
    const twoAdded = withJoiner(stage, forgeOwnKeyPackage(stranger(scene.crypto, "fay")));
    expect(twoAdded.tree.parent(7)?.unmergedLeaves).toEqual([5, 6]);
    expect(verdicts(twoAdded)).toEqual(twice("ok"));
    for (const unmergedLeaves of [
      [6, 5],
      [5, 5],
    ]) {
      const changed = withNode(twoAdded, 7, (node) =>
        node?.kind === "parent" ? { kind: "parent", parent: { ...node.parent, unmergedLeaves } } : node,
      );
      expect(verdicts(changed)).toEqual(twice("invalid_tree"));
    }
  });
});

describe("§12.4.3.1 an unmerged leaf", () => {
  test("is not blank", () => {
    expect(verdicts(withParent(7, () => ({ unmergedLeaves: [5, 6] })))).toEqual(twice("invalid_tree"));
    expect(verdicts(withParent(7, () => ({ unmergedLeaves: [5, 0xffffffff] })))).toEqual(twice("invalid_tree"));
  });
  test("is below the node that lists it", () => {
    expect(verdicts(withParent(1, () => ({ unmergedLeaves: [4] })))).toEqual(twice("invalid_tree"));
    expect(verdicts(withParent(1, () => ({ unmergedLeaves: [2, 3] })))).toEqual(twice("invalid_tree"));
  });
  test("is listed by every nonblank node between", () => {
    expect(verdicts(withParent(7, () => ({ unmergedLeaves: [2, 5] })))).toEqual(twice("invalid_tree"));
    expect(verdicts(withParent(3, () => ({ unmergedLeaves: [1] })))).toEqual(twice("invalid_tree"));
  });
});

describe("§7.9.2 parent hashes", () => {
  test("of every parent verify", () => {
    for (const index of [1, 3, 5, 7]) {
      expect(verdicts(withParent(index, ({ parentHash }) => ({ parentHash: index === 7 ? text("x") : flip(parentHash) })))).toEqual(
        twice("invalid_parent_hash"),
      );
    }
  });
  test("cover the parent's key", () => {
    const { publicKey } = stage.suite.hpkeDeriveKeyPair(new Uint8Array(32).fill(3));
    for (const index of [1, 3, 5, 7]) {
      expect(verdicts(withParent(index, () => ({ encryptionKey: publicKey })))).toEqual(twice("invalid_parent_hash"));
    }
  });
  test("cover the sibling as it was, without what was added since", () => {
    const dropped = withParent(7, () => ({ unmergedLeaves: [] }));
    expect(verdicts(dropped)).toEqual(twice("invalid_parent_hash"));
    const { publicKey } = stage.suite.hpkeDeriveKeyPair(new Uint8Array(32));
    const parent = { encryptionKey: publicKey, parentHash: new Uint8Array(0), unmergedLeaves: [5] };
    const blank = withNode(stage, 9, () => ({ kind: "parent", parent }));
    expect(verdicts(blank)[0]).toBe("invalid_parent_hash");
  });
  test("chain down to a leaf that a commit put there", () => {
    const { tree } = stage;
    const chained = [0, 1, 2, 3, 4].filter((leafIndex) => tree.leaf(leafIndex)?.source.kind === "commit");
    expect(chained).toEqual([0, 1, 2, 3, 4]);
    // Eli committed last, so the root hangs on his leaf: take it away and nothing vouches for the root.
    const leaf = stage.tree.clone();
    leaf.set(8, undefined);
    expect(verdicts({ ...stage, tree: leaf })).toEqual(twice("invalid_parent_hash"));
  });
});

describe("§12.4.3.1 the keys of parents", () => {
  test("are keys of the suite", () => {
    expect(verdicts(withParent(3, () => ({ encryptionKey: new Uint8Array(32) })))).toEqual(twice("invalid_key"));
  });
  test("stand in no other node", () => {
    // Two groups' worth of work would be needed to keep all hashes right, so the check is asked first.
    const key = stage.tree.encryptionKey(1);
    if (key === undefined) throw new Error("blank");
    const suite = stage.suite;
    const leaves = withNode(stage, 10, (node) => node);
    expect(key.length).toBe(suite.hpkePublicKeyLength);
    const joiner = forgeOwnKeyPackage(stranger(scene.crypto, "gus"), { leaf: (leaf) => ({ ...leaf, encryptionKey: key }) });
    expect(verdicts(withJoiner(leaves, joiner))).toEqual(twice("duplicate_key"));
  });
});

describe("§7.8 the tree hash", () => {
  test("is the one in the group context", () => {
    expect(verdicts(stage, { groupContext: { treeHash: new Uint8Array(32) } })).toEqual(twice("tree_hash_mismatch"));
    expect(verdicts(stage, { groupContext: { treeHash: new Uint8Array(0) } })).toEqual(twice("tree_hash_mismatch"));
  });
  test("is checked for a tree from elsewhere too", () => {
    const { context } = (scene.seats[1] as Seat).client;
    const welcome = forgeWelcome(stage, own, { noTree: true });
    const other = encodeRatchetTree(withJoiner(stage, forgeOwnKeyPackage(stranger(scene.crypto, "fay"))).tree);
    expect(codeOf(joinWith(welcome, own, { context, more: { ratchetTree: encodeRatchetTree(stage.tree) } }))).toBe("ok");
    expect(codeOf(joinWith(welcome, own, { context, more: { ratchetTree: other } }))).toBe("tree_hash_mismatch");
    expect(codeOf(joinWith(welcome, own, { context }))).toBe("missing_tree");
  });
});

describe("§12.4.3.1 leaves of the tree", () => {
  test("sign for their group and place", () => {
    const moved = stage.tree.clone();
    moved.set(12, stage.tree.node(8));
    moved.set(8, undefined);
    expect(verdicts(stage, { groupContext: { groupId: text("other group") } })).toEqual(twice("invalid_signature"));
    const signer = { ...stage.signer };
    expect(verdicts({ ...stage, tree: moved, signer })[0]).not.toBe("ok");
  });
});
