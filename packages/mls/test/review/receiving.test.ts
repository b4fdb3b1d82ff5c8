/** What comes in from outside: forgeries, last epochs, and what an attacker can make a receiver count. */
import { describe, expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  createProposal,
  type GroupState,
  type LeafNode,
  members,
  type PendingProposal,
  type Proposal,
  receiveMessage,
} from "../../src/index.ts";
import { checkNewKeys, checkSupport } from "../../src/group/leaf-rules.ts";
import { RatchetTree, type TreeNode } from "../../src/tree/ratchet-tree.ts";
import { level, nodeWidth } from "../../src/tree/math.ts";
import { checkParentNodes } from "../../src/tree/validate-tree.ts";
import { codeOf, must, text } from "../support/clients.ts";
import { forgeProposal } from "../rules/forge.ts";
import { forgeCommit } from "../rules/forge-commit.ts";
import { forgeGroupInfo, stageOf } from "../rules/forge-welcome.ts";
import { cast, forger, hand, stranger, suiteIn, under, verdict } from "../rules/cast.ts";

describe("a message that claims to be one's own", () => {
  test("is told so only when it is signed and tagged as one", async () => {
    const { ada, bob } = await cast();
    const sender = { kind: "member" as const, leafIndex: 0 };
    const stolen = forgeCommit(forger(bob), { sender });
    expect(verdict(ada, stolen)).toBe("invalid_signature");
    expect(verdict(ada, forgeCommit(forger(bob), { sender, membershipTag: () => new Uint8Array(32) }))).toBe("invalid_membership_tag");
    const own = must(createCommit(ada.state, { wireFormat: "publicMessage" }, ada.client.context));
    expect(verdict(ada, own.message)).toBe("own_message");
    const sealed = must(createProposal(ada.state, { proposal: { kind: "remove", removed: 1 } }, ada.client.context));
    expect(verdict(ada, sealed.message)).toBe("own_message");
  });
});

describe("the last epoch", () => {
  const LAST = 0xffff_ffff_ffff_ffffn;
  const inEpoch = (state: GroupState, epoch: bigint): GroupState => ({ ...state, context: { ...state.context, epoch } });

  test("has none after it", async () => {
    const { ada, bob } = await cast();
    expect(codeOf(createCommit(inEpoch(ada.state, LAST), {}, ada.client.context))).toBe("limit_exceeded");
    expect(must(createCommit(inEpoch(ada.state, LAST - 1n), {}, ada.client.context)).next.context.epoch).toBe(LAST);
    bob.state = inEpoch(bob.state, LAST);
    const message = forgeCommit({ ...forger(bob), state: inEpoch(ada.state, LAST - 1n) }, { epoch: LAST });
    expect(verdict(bob, message)).not.toBe("ok");
  });

  test("is not joined", async () => {
    const { crypto, ada } = await cast();
    const eve = stranger(crypto);
    const stage = stageOf(ada, suiteIn(crypto));
    for (const [epoch, code] of [
      [LAST, "invalid_group_info"],
      [LAST - 1n, "ok"],
    ] as const) {
      const groupInfo = forgeGroupInfo(stage, { groupContext: { epoch } });
      expect(codeOf(createExternalCommit({ groupInfo, identity: eve.identity }, eve.context))).toBe(code);
    }
  });
});

test("a key that a commit brings stands in the tree exactly once", async () => {
  const { ada } = await cast();
  const [first, second] = members(ada.state).map(({ leaf }) => leaf);
  if (first === undefined || second === undefined) throw new Error("two leaves");
  const keys = (...encryption: Uint8Array[]) => ({ encryption, signature: [] });
  const doubled = ada.state.tree.clone();
  doubled.setLeaf(1, { ...second, encryptionKey: first.encryptionKey });
  const refused = expect.objectContaining({ code: "duplicate_key" });
  expect(() => checkNewKeys(ada.state.tree, keys(first.encryptionKey))).not.toThrow();
  expect(() => checkNewKeys(ada.state.tree, keys(text("nowhere")))).toThrow(refused);
  // One missing key must not make up for one that stands twice.
  expect(() => checkNewKeys(doubled, keys(first.encryptionKey, text("nowhere")))).toThrow(refused);
});

/** An array that counts how often one of its places is looked at. */
function counted<T>(items: readonly T[], reads: { count: number }): readonly T[] {
  const get = (target: readonly T[], key: string | symbol, receiver: unknown): unknown => {
    if (typeof key === "string" && /^\d+$/.test(key)) reads.count++;
    return Reflect.get(target, key, receiver) as unknown;
  };
  return new Proxy(items, { get });
}

describe("work grows with what is sent, and not with its square", () => {
  test("for capabilities", async () => {
    const { ada } = await cast();
    const [first] = members(ada.state);
    if (first === undefined) throw new Error("a leaf");
    const reads = { count: 0 };
    const types = Array.from({ length: 256 }, (_, i) => 0xe000 + i);
    const listed = counted(types, reads);
    const leaf: LeafNode = { ...first.leaf, capabilities: { ...first.leaf.capabilities, proposals: listed } };
    const tree = new RatchetTree([{ kind: "leaf", leaf }]);
    checkSupport(tree, { extensions: [], proposalTypes: types.toReversed(), newcomers: new Set() });
    expect(reads.count).toBeLessThan(2_000);
  });

  test("for unmerged leaves", async () => {
    const { crypto, ada } = await cast();
    const [first] = members(ada.state);
    if (first === undefined) throw new Error("a leaf");
    const leafCapacity = 256;
    const reads = { count: 0 };
    const all = Array.from({ length: leafCapacity }, (_, i) => i);
    const { encryptionKey } = first.leaf;
    const parent = (unmergedLeaves: readonly number[]): TreeNode => ({
      kind: "parent",
      parent: { encryptionKey, parentHash: text(""), unmergedLeaves: counted(unmergedLeaves, reads) },
    });
    const node = (index: number): TreeNode | undefined => {
      if (index % 2 === 0) return { kind: "leaf", leaf: first.leaf };
      if (index === leafCapacity - 1) return parent(all.slice(leafCapacity / 2));
      return index > leafCapacity && level(index) >= 4 ? parent(all) : undefined;
    };
    const tree = new RatchetTree(Array.from({ length: nodeWidth(leafCapacity) }, (_, index) => node(index)));
    expect(() => checkParentNodes(suiteIn(crypto), tree)).toThrow(expect.objectContaining({ code: "invalid_parent_hash" }));
    expect(reads.count).toBeLessThan(20_000);
  });

  test("for references to pending proposals", async () => {
    const { ada, bob } = await cast();
    const policy = { psk: () => new Uint8Array(32) };
    const by = forger(ada);
    const sent = Array.from({ length: 120 }, (_, i): Proposal => {
      return { kind: "psk", psk: { kind: "external", id: text(`k${i}`), nonce: new Uint8Array(32) } };
    }).map((proposal) => forgeProposal(by, proposal));
    for (const { message } of sent) hand(bob, message);
    const reads = { count: 0 };
    const proposals: readonly PendingProposal[] = counted(bob.state.proposals, reads);
    const commit = forgeCommit(by, { list: sent.toReversed().map(({ listed }) => listed) });
    const received = receiveMessage({ ...bob.state, proposals }, commit, under(bob.client, policy));
    expect(codeOf(received)).toBe("ok");
    expect(reads.count).toBeLessThan(600);
  });
});
