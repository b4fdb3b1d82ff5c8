/** RFC 9420 §12.2, §12.3: the whole list of a commit, by value and by reference. */
import { describe, expect, test } from "vitest";
import type { ListedProposal } from "../../src/group/proposal-rules.ts";
import { createCommit, PROPOSAL, type Proposal, requiredCapabilitiesExtension } from "../../src/index.ts";
import { must, text } from "../support/clients.ts";
import { accepted, at, cast, type Cast, forger, hand, stranger, verdict } from "./cast.ts";
import { byValue, type Forger, forgeProposal } from "./forge.ts";
import { forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage } from "./forge-key-package.ts";

const FOUR = { names: ["ada", "bob", "cyn", "dan"] };
const CUSTOM = 0xff01;

/** Sends a proposal to Bob, who keeps it, and returns it as a commit refers to it. */
function refer({ bob }: Cast, by: Forger, proposal: Proposal): ListedProposal {
  const sent = forgeProposal(by, proposal);
  hand(bob, sent.message);
  return sent.listed;
}

/** What Bob says to a commit of Ada's over proposals of her own, by value and by reference. */
function both(scene: Cast, ...proposals: readonly Proposal[]): string[] {
  const by = forger(scene.ada);
  const values = verdict(scene.bob, forgeCommit(by, { list: byValue(by, ...proposals), psk: () => new Uint8Array(32) }));
  const list = proposals.map((proposal) => refer(scene, by, proposal));
  return [values, verdict(scene.bob, forgeCommit(by, { list, psk: () => new Uint8Array(32) }))];
}

function twice(code: string): string[] {
  return [code, code];
}

describe("§12.2 a list", () => {
  test("is good when nothing is wrong", async () => {
    const scene = await cast(FOUR);
    const { crypto, cyn } = scene;
    const update = refer(scene, forger(cyn), forgeUpdate(forger(cyn)));
    const by = forger(scene.ada);
    const list = [update, ...byValue(by, { kind: "remove", removed: 3 }, forgeAdd(stranger(crypto)))];
    expect(verdict(scene.bob, forgeCommit(by, { list }))).toBe("ok");
  });
  test("has no Update by the committer", async () => {
    const scene = await cast(FOUR);
    expect(both(scene, forgeUpdate(forger(scene.ada)))).toEqual(twice("invalid_proposal_list"));
  });
  test("has no Remove of the committer", async () => {
    expect(both(await cast(FOUR), { kind: "remove", removed: 0 })).toEqual(twice("invalid_proposal_list"));
    const scene = await cast(FOUR);
    const remove = refer(scene, forger(scene.cyn), { kind: "remove", removed: 0 });
    expect(verdict(scene.bob, forgeCommit(forger(scene.ada), { list: [remove] }))).toBe("invalid_proposal_list");
  });
  test("has one Update or Remove for a leaf", async () => {
    expect(both(await cast(FOUR), { kind: "remove", removed: 2 }, { kind: "remove", removed: 2 })).toEqual(twice("invalid_proposal_list"));
    const scene = await cast(FOUR);
    const by = forger(scene.cyn);
    const first = refer(scene, by, forgeUpdate(by));
    const second = refer(scene, by, forgeUpdate(by));
    const remove = refer(scene, forger(scene.ada), { kind: "remove", removed: 2 });
    for (const list of [
      [first, second],
      [first, first],
      [first, remove],
      [remove, first],
    ]) {
      expect(verdict(scene.bob, forgeCommit(forger(scene.ada), { list }))).toBe("invalid_proposal_list");
    }
    expect(verdict(scene.bob, forgeCommit(forger(scene.ada), { list: [second] }))).toBe("ok");
  });
  test("adds a client once", async () => {
    const scene = await cast(FOUR);
    const eve = stranger(scene.crypto);
    expect(both(scene, forgeAdd(eve), forgeAdd(eve))).toEqual(twice("duplicate_key"));
    const [by, add] = [forger(scene.ada), forgeAdd(eve)];
    expect(verdict(scene.bob, forgeCommit(by, { list: byValue(by, add, add), pathless: true }))).toBe("duplicate_key");
  });
  test("adds no client that is in the group, unless it is removed", async () => {
    const scene = await cast(FOUR);
    const dan = at(scene.seats, 3).client;
    expect(both(scene, forgeAdd(dan))).toEqual(twice("duplicate_key"));
    expect(both(scene, forgeAdd(dan), { kind: "remove", removed: 3 })).toEqual(twice("ok"));
  });
  test("has a PSK once", async () => {
    const psk: Proposal = { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } };
    const other: Proposal = { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32).fill(1) } };
    const policy = { psk: () => new Uint8Array(32) };
    expect(both(await cast({ ...FOUR, policy }), psk, psk)).toEqual(twice("invalid_proposal_list"));
    expect(both(await cast({ ...FOUR, policy }), psk, other)).toEqual(twice("ok"));
  });
  test("has one GroupContextExtensions", async () => {
    const change: Proposal = { kind: "groupContextExtensions", extensions: [] };
    expect(both(await cast(FOUR), change, change)).toEqual(twice("invalid_proposal_list"));
  });
  test("has nothing beside a ReInit", async () => {
    const reinit: Proposal = { kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [] };
    expect(both(await cast(FOUR), reinit, { kind: "remove", removed: 2 })).toEqual(twice("invalid_proposal_list"));
    expect(both(await cast(FOUR), reinit, reinit)).toEqual(twice("invalid_proposal_list"));
    const scene = await cast(FOUR);
    expect(both(scene, reinit, forgeAdd(stranger(scene.crypto)))).toEqual(twice("invalid_proposal_list"));
  });
  test("has no ExternalInit from a member", async () => {
    const { ada, bob } = await cast(FOUR);
    const by = forger(ada);
    const list = byValue(by, { kind: "externalInit", kemOutput: new Uint8Array(32).fill(9) }, { kind: "remove", removed: 2 });
    expect(verdict(bob, forgeCommit(by, { list }))).toBe("invalid_proposal");
  });
  test("has no proposal type that a member does not support", async () => {
    const custom: Proposal = { kind: "custom", type: CUSTOM, data: text("x") };
    const { ada, bob } = await cast(FOUR);
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, custom) }))).toBe("unsupported_capability");
  });
  test("need not be supported by who comes or goes with it", async () => {
    const capabilities = { versions: [1], suites: [1], extensions: [6], credentials: [1], proposals: [CUSTOM, PROPOSAL.selfRemove] };
    const scene = await cast();
    const { ada, bob, seats } = scene;
    for (const seat of seats) {
      const made = must(createCommit(seat.state, { leaf: { capabilities } }, seat.client.context));
      seat.state = made.next;
      for (const other of seats) if (other !== seat) other.state = accepted(other, made.message);
    }
    const custom: Proposal = { kind: "custom", type: CUSTOM, data: text("x") };
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, custom) }))).toBe("ok");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, custom, forgeAdd(stranger(scene.crypto))) }))).toBe("ok");
    const required = requiredCapabilitiesExtension({ extensions: [], proposals: [CUSTOM], credentials: [] });
    const change: Proposal = { kind: "groupContextExtensions", extensions: [required] };
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, change, forgeAdd(stranger(scene.crypto))) }))).toBe("unsupported_capability");
  });
  test("leaves a tree of valid leaves", async () => {
    const scene = await cast(FOUR);
    const shared = scene.ada.state.tree.leaf(3)?.encryptionKey ?? new Uint8Array(0);
    const add = forgeAdd(stranger(scene.crypto), { leaf: (leaf) => ({ ...leaf, encryptionKey: shared }) });
    expect(both(scene, add)).toEqual(twice("duplicate_key"));
    expect(both(scene, add, { kind: "remove", removed: 3 })).toEqual(twice("ok"));
  });
});

describe("§12.3 the order", () => {
  test("new extensions hold for the other proposals", async () => {
    const scene = await cast(FOUR);
    const poor = forgeAdd(stranger(scene.crypto), { options: { capabilities: { proposals: [] } } });
    const required = requiredCapabilitiesExtension({ extensions: [], proposals: [PROPOSAL.selfRemove], credentials: [] });
    const change: Proposal = { kind: "groupContextExtensions", extensions: [required] };
    expect(both(scene, poor)).toEqual(twice("ok"));
    expect(both(scene, poor, change)).toEqual(twice("unsupported_capability"));
  });
  test("removes come before adds, and adds go left to right in the order of the list", async () => {
    const scene = await cast(FOUR);
    const names = ["eve", "fay"].map((name) => forgeOwnKeyPackage(stranger(scene.crypto, name)).keyPackage);
    const by = forger(scene.ada);
    const adds = names.map((keyPackage): Proposal => ({ kind: "add", keyPackage }));
    const after = accepted(scene.bob, forgeCommit(by, { list: byValue(by, ...adds, { kind: "remove", removed: 2 }) }));
    expect([2, 4].map((leafIndex) => after.tree.leaf(leafIndex))).toEqual(names.map(({ leafNode }) => leafNode));
    expect(after.tree.leafCapacity).toBe(8);
  });
});
