/**
 * Damaged messages to a member. Outside, any change must be refused. Inside, where a member with a changed program signs and encrypts what
 * it likes, the answer may be yes: then what comes out is a group like any other. The state before is never touched.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { checkLeafNode } from "../../src/group/leaf-rules.ts";
import type { ListedProposal } from "../../src/group/proposal-rules.ts";
import { decodeState, encodeState, type GroupState, type Proposal, receiveMessage } from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import { treeHash } from "../../src/tree/tree-hash.ts";
import { checkParentNodes, checkUniqueKeys } from "../../src/tree/validate-tree.ts";
import type { Dice } from "../fuzz/dice.ts";
import { fingerprint } from "../fuzz/fingerprint.ts";
import { cast, type Cast, forger, hand, joiner, stranger, suiteIn } from "../rules/cast.ts";
import { byValue, type Forger, forgeApplication, forgeProposal } from "../rules/forge.ts";
import { type CommitForgery, forgeCommit, forgeUpdate } from "../rules/forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage } from "../rules/forge-key-package.ts";
import { codeOf, text } from "../support/clients.ts";
import { everyProposal } from "./corpus.ts";
import { damageBytes, damageValues } from "./mutate.ts";
import { diceRuns, encodable } from "./runs.ts";

let scene: Cast;
let before: string;
/** By value: what Ada may commit. By reference: what Bob has received from Cyn and Dan. */
let values: readonly Proposal[];
let referred: readonly ListedProposal[];
let leaving: ListedProposal;

beforeAll(async () => {
  scene = await cast({ names: ["ada", "bob", "cyn", "dan", "eli"], full: true, policy: { psk: () => new Uint8Array(32) } });
  const { crypto, bob, cyn, seats } = scene;
  const dan = seats[3] ?? cyn;
  const update = forgeProposal(forger(cyn), forgeUpdate(forger(cyn)));
  const selfRemove = forgeProposal(forger(dan), { kind: "selfRemove" });
  for (const sent of [update, selfRemove]) hand(bob, sent.message);
  referred = [update.listed, selfRemove.listed];
  leaving = selfRemove.listed;
  const psk: Proposal = { kind: "psk", psk: { kind: "external", id: text("psk"), nonce: new Uint8Array(32) } };
  values = [
    forgeAdd(stranger(crypto, "eve")),
    forgeAdd(stranger(crypto, "fay")),
    { kind: "remove", removed: 4 },
    psk,
    { kind: "groupContextExtensions", extensions: [] },
  ];
  before = fingerprint(bob.state);
});

function checkGroup(state: GroupState): void {
  if (state.status === "removed") return;
  const suite = suiteIn(scene.crypto);
  const fresh = state.tree.clone();
  for (const { leafIndex, leaf } of state.tree.members()) fresh.setLeaf(leafIndex, leaf);
  const whole = attempt(() => {
    checkParentNodes(suite, fresh);
    checkUniqueKeys(fresh);
    for (const { leafIndex, leaf } of fresh.members()) checkLeafNode(suite, leaf, { groupId: state.context.groupId, leafIndex });
  });
  expect(codeOf(whole)).toBe("ok");
  expect(treeHash(suite, fresh)).toEqual(state.context.treeHash);
  expect(codeOf(decodeState(encodeState(state)))).toBe("ok");
}

/** What Bob says. His state is as it was; a state after a yes is whole. */
function bobSays(message: Uint8Array): string {
  const outcome = receiveMessage(scene.bob.state, message, scene.bob.client.context);
  expect(fingerprint(scene.bob.state)).toBe(before);
  if (outcome.ok) checkGroup(outcome.value.state);
  return codeOf(outcome);
}

const ada = (): Forger => forger(scene.ada);
const eve = (): Forger => joiner(scene.bob, stranger(scene.crypto, "late"));
const wire = (dice: Dice): "publicMessage" | "privateMessage" => (dice.chance(0.5) ? "publicMessage" : "privateMessage");

function list(dice: Dice): ListedProposal[] {
  const all = [...byValue(ada(), ...values), ...referred];
  return dice.shuffled(all).slice(0, 1 + dice.below(all.length));
}

describe("outside", () => {
  test("every changed byte is refused", () => {
    const messages = [
      forgeApplication(ada(), text("hello")),
      forgeProposal(ada(), { kind: "remove", removed: 2 }).message,
      forgeProposal(ada(), { kind: "remove", removed: 2 }, { wireFormat: "privateMessage" }).message,
      forgeCommit(ada(), { list: byValue(ada(), ...values) }),
      forgeCommit(ada(), { list: byValue(ada(), ...values), wireFormat: "privateMessage" }),
      forgeCommit(eve(), { list: [leaving] }),
    ];
    expect(messages.map(bobSays)).toEqual(messages.map(() => "ok"));
    const seen = diceRuns("outside", 600, (dice) => {
      const original = dice.pick(messages);
      const damaged = damageBytes(original, dice);
      const isSame = damaged.length === original.length && damaged.every((byte, i) => byte === original[i]);
      const code = bobSays(damaged);
      expect(code === "ok").toBe(isSame);
      return code;
    });
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe("inside, signed and encrypted as it must be", () => {
  const commits = (name: string, runs: number, forgery: (dice: Dice) => { by: Forger; what: CommitForgery }): ReadonlyMap<string, number> =>
    diceRuns(name, runs, (dice) => {
      const { by, what } = forgery(dice);
      const message = encodable(() => forgeCommit(by, { psk: () => new Uint8Array(32), ...what }));
      return message === undefined ? "not encodable" : bobSays(message);
    });

  test("plaintext of a PrivateMessage", () => {
    const seen = diceRuns("plaintext", 150, (dice) => {
      const how = { plaintext: (plain: Uint8Array) => damageBytes(plain, dice), wireFormat: "privateMessage" as const };
      if (dice.chance(0.3)) return bobSays(forgeApplication(ada(), text("hello"), how));
      if (dice.chance(0.3)) return bobSays(forgeProposal(ada(), dice.pick(values), how).message);
      return bobSays(forgeCommit(ada(), { list: list(dice), psk: () => new Uint8Array(32), ...how }));
    });
    expect(seen.size).toBeGreaterThan(3);
  });
  test("sender data", () => {
    const seen = diceRuns("sender data", 120, (dice) =>
      bobSays(forgeApplication(ada(), text("x"), { senderData: (data) => damageValues(data, dice) })),
    );
    expect(seen.size).toBeGreaterThan(2);
  });
  test("proposals", () => {
    const proposals = everyProposal(scene);
    const seen = diceRuns("proposals", 200, (dice) => {
      const message = encodable(() => forgeProposal(ada(), damageValues(dice.pick(proposals), dice), { wireFormat: wire(dice) }).message);
      return message === undefined ? "not encodable" : bobSays(message);
    });
    expect(seen.size).toBeGreaterThan(5);
  });
  test("key packages and leaves under good signatures", () => {
    const seen = diceRuns("key packages", 160, (dice) => {
      const proposal = encodable(() =>
        dice.chance(0.5)
          ? forgeAdd(
              stranger(scene.crypto, "eve"),
              dice.chance(0.5) ? { leaf: (leaf) => damageValues(leaf, dice) } : { content: (content) => damageValues(content, dice) },
            )
          : forgeUpdate(ada(), { leaf: (leaf) => damageValues(leaf, dice) }),
      );
      if (proposal === undefined) return "not encodable";
      const message = encodable(() =>
        dice.chance(0.5) ? forgeProposal(ada(), proposal).message : forgeCommit(ada(), { list: byValue(ada(), proposal) }),
      );
      return message === undefined ? "not encodable" : bobSays(message);
    });
    expect(seen.size).toBeGreaterThan(5);
  });
  test("lists of proposals", () => {
    const seen = commits("lists", 200, (dice) => ({
      by: ada(),
      what: { list: dice.chance(0.2) ? list(dice) : damageValues(list(dice), dice), pathless: dice.chance(0.2), wireFormat: wire(dice) },
    }));
    expect(seen.size).toBeGreaterThan(5);
  });
  test("paths", () => {
    const seen = commits("paths", 200, (dice) => ({
      by: ada(),
      what: {
        list: dice.chance(0.5) ? list(dice).slice(0, 2) : [],
        wireFormat: wire(dice),
        ...dice.pick<CommitForgery>([
          { path: (path) => damageValues(path, dice) },
          { leaf: (leaf) => damageValues(leaf, dice) },
          { publicKeys: (keys) => damageValues(keys, dice) },
          { pathSecrets: (secrets) => damageValues(secrets, dice) },
        ]),
      },
    }));
    expect(seen.size).toBeGreaterThan(5);
  });
  test("whole commits", () => {
    const seen = commits("commits", 160, (dice) => ({
      by: ada(),
      what: { list: list(dice), wireFormat: wire(dice), commit: (commit) => damageValues(commit, dice) },
    }));
    expect(seen.size).toBeGreaterThan(5);
  });
  test("external commits", () => {
    const seen = commits("external", 160, (dice) => ({
      by: eve(),
      what: {
        list: dice.chance(0.5) ? [leaving] : byValue(eve(), { kind: "remove", removed: 2 }),
        ...dice.pick<CommitForgery>([
          { commit: (commit) => damageValues(commit, dice) },
          { path: (path) => damageValues(path, dice) },
          { leaf: (leaf) => damageValues(leaf, dice) },
          { list: damageValues([leaving, ...byValue(eve(), { kind: "remove", removed: 2 })], dice) },
        ]),
      },
    }));
    expect(seen.size).toBeGreaterThan(5);
  });
  test("a key package with secrets stays a key package", () => {
    expect(forgeOwnKeyPackage(stranger(scene.crypto)).keyPackage.version).toBe(1);
  });
});
