/** The largest trees that the limits let in, made as costly as can be: checking them stays a matter of seconds. */
import { beforeAll, describe, expect, test } from "vitest";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { checkSupport } from "../../src/group/leaf-rules.ts";
import { LIMITS, requiredCapabilitiesExtension } from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { encodeRatchetTree, readRatchetTree } from "../../src/tree/tree-codec.ts";
import { treeHash } from "../../src/tree/tree-hash.ts";
import { filteredDirectPath } from "../../src/tree/update-path.ts";
import { checkParentNodes, checkUniqueKeys } from "../../src/tree/validate-tree.ts";
import { suiteIn } from "../rules/cast.ts";
import { codeOf } from "../support/clients.ts";
import { testProvider, testRandom } from "../support/provider.ts";
import { bigTree } from "./big-trees.ts";

/** Generous, since the machine may be slow and shared; what was quadratic took ten times as long. */
const MS_MAX = 15_000;

let suite: CipherSuite;
beforeAll(async () => {
  suite = suiteIn(await testProvider());
});

function timed(use: () => unknown): number {
  const start = performance.now();
  use();
  return performance.now() - start;
}

describe(`a tree of ${LIMITS.leavesMax} leaves`, () => {
  test.each([{ unmerged: false }, { unmerged: true }])("decodes and is checked: %o", { timeout: 120_000 }, ({ unmerged }) => {
    const bytes = encodeRatchetTree(bigTree({ suite, random: testRandom("big"), leafCapacity: LIMITS.leavesMax, unmerged }));
    const spent = timed(() => {
      const tree = readRatchetTree(bytes);
      treeHash(suite, tree);
      expect(codeOf(attempt(() => checkParentNodes(suite, tree)))).toBe("ok");
      expect(codeOf(attempt(() => checkUniqueKeys(tree)))).toBe("ok");
    });
    expect(spent).toBeLessThan(MS_MAX);
  });
  test("loses and takes thousands of members", { timeout: 120_000 }, () => {
    const tree = bigTree({ suite, random: testRandom("big"), leafCapacity: LIMITS.leavesMax, unmerged: true });
    const leaf = tree.leaf(1);
    if (leaf === undefined) throw new Error("no leaf");
    const places = Array.from({ length: LIMITS.leavesMax / 2 }, (_, i) => 2 * i + 1);
    const spent = timed(() => {
      for (const place of places) tree.setLeaf(place, undefined);
      let from = 0;
      for (const place of places) {
        expect(tree.add(leaf, from)).toBe(place);
        from = place + 1;
      }
      for (const place of places) tree.remove(place);
      tree.truncate();
    });
    expect(spent).toBeLessThan(MS_MAX);
  });
  test("is searched for what its members support", { timeout: 120_000 }, () => {
    const types = Array.from({ length: LIMITS.capabilityEntriesMax }, (_, i) => 0x8000 + i);
    const plain = bigTree({ suite, random: testRandom("big"), leafCapacity: LIMITS.leavesMax, unmerged: false });
    const nodes = Array.from({ length: plain.width }, (_, index) => {
      const node = plain.node(index);
      if (node?.kind !== "leaf") return node;
      const capabilities = { ...node.leaf.capabilities, extensions: types, proposals: types, credentials: [...types.slice(1), 1] };
      return { kind: "leaf" as const, leaf: { ...node.leaf, capabilities } };
    });
    const required = requiredCapabilitiesExtension({ extensions: types, proposals: types, credentials: types.slice(1) });
    const tree = new RatchetTree(nodes);
    const spent = timed(() => {
      const group = { extensions: [required], proposalTypes: [], newcomers: new Set<never>() };
      expect(codeOf(attempt(() => checkSupport(tree, group)))).toBe("ok");
    });
    expect(spent).toBeLessThan(MS_MAX);
  });
  test("has its paths found quickly though it is almost empty", () => {
    const lone = bigTree({ suite, random: testRandom("big"), leafCapacity: 1, unmerged: false }).node(0);
    const nodes = Array.from({ length: 2 * LIMITS.leavesMax - 1 }, (_, index) =>
      index === 0 || index === 2 * LIMITS.leavesMax - 2 ? lone : undefined,
    );
    const tree = new RatchetTree(nodes);
    expect(timed(() => expect(filteredDirectPath(tree, 0).length).toBe(1))).toBeLessThan(1_000);
  });
});
