/** Damaged Welcomes, GroupInfos and trees to somebody who joins. */
import { beforeAll, describe, expect, test } from "vitest";
import { createExternalCommit, joinGroup, type OwnKeyPackage } from "../../src/index.ts";
import { encode, type Writer } from "../../src/codec/writer.ts";
import type { RatchetTree, TreeNode } from "../../src/tree/ratchet-tree.ts";
import { readRatchetTree, writeTreeNode } from "../../src/tree/tree-codec.ts";
import type { Dice } from "../fuzz/dice.ts";
import { cast, type Cast, forger, stranger, suiteIn } from "../rules/cast.ts";
import { forgeProposal } from "../rules/forge.ts";
import { forgeOwnKeyPackage } from "../rules/forge-key-package.ts";
import {
  forgeGroupInfo,
  forgeWelcome,
  type InfoForgery,
  type Stage,
  stageOf,
  type WelcomeForgery,
  withJoiner,
} from "../rules/forge-welcome.ts";
import { codeOf, text } from "../support/clients.ts";
import { groupExtensions } from "./corpus.ts";
import { damageBytes, damageValues } from "./mutate.ts";
import { diceRuns, encodable } from "./runs.ts";

let scene: Cast;
let stage: Stage;
let own: OwnKeyPackage;

beforeAll(async () => {
  scene = await cast({ names: ["ada", "bob", "cyn", "dan", "eli"], full: true });
  own = forgeOwnKeyPackage(stranger(scene.crypto));
  stage = withJoiner(stageOf(scene.ada, suiteIn(scene.crypto)), own);
});

function joins(welcome: Uint8Array): string {
  return codeOf(joinGroup({ welcome, keyPackages: [own] }, scene.bob.client.context));
}

function enters(groupInfo: Uint8Array, selfRemoves: readonly Uint8Array[] = []): string {
  const { identity, context } = stranger(scene.crypto, "late");
  return codeOf(createExternalCommit({ groupInfo, identity, selfRemoves }, context));
}

function encodeNodes(nodes: readonly (TreeNode | undefined)[]): Uint8Array {
  return encode((w: Writer, list: typeof nodes) => w.vector(list, (v, node) => v.optional(node, writeTreeNode)), nodes);
}

/** A damaged tree that still decodes, so that hash and signatures can be made over it. */
function damagedTree(dice: Dice): RatchetTree {
  const nodes = Array.from({ length: 11 }, (_, index) => stage.tree.node(index));
  return readRatchetTree(encodeNodes(damageValues(nodes, dice)));
}

/** With the right hash over the wrong tree, or not. */
function infoForgery(dice: Dice): WelcomeForgery & InfoForgery {
  return dice.pick<WelcomeForgery>([
    { info: (info) => damageValues(info, dice) },
    { groupContext: { extensions: damageValues(groupExtensions(), dice) } },
    { ratchetTree: (tree) => damageBytes(tree, dice) },
    { extensions: damageValues(groupExtensions(), dice) },
  ]);
}

describe("somebody who joins answers for", () => {
  test("damaged bytes of a Welcome", () => {
    const welcome = forgeWelcome(stage, own);
    expect(joins(welcome)).toBe("ok");
    expect(diceRuns("welcome", 400, (dice) => joins(damageBytes(welcome, dice))).size).toBeGreaterThan(5);
  });
  test("a damaged Welcome", () => {
    const seen = diceRuns("welcome inside", 300, (dice) => {
      const message = encodable(() => forgeWelcome(stage, own, { welcome: (welcome) => damageValues(welcome, dice) }));
      return message === undefined ? "not encodable" : joins(message);
    });
    expect(seen.size).toBeGreaterThan(3);
  });
  test("damaged secrets", () => {
    const psks = [{ kind: "external" as const, id: text("psk"), nonce: new Uint8Array(32) }];
    const seen = diceRuns("secrets", 300, (dice) => {
      const what: WelcomeForgery = {
        secrets: (secrets) => damageValues(secrets, dice),
        ...(dice.chance(0.5) ? { psks } : { pathSecret: new Uint8Array(32) }),
      };
      const message = encodable(() => forgeWelcome(stage, own, what));
      return message === undefined ? "not encodable" : joins(message);
    });
    expect(seen.size).toBeGreaterThan(3);
  });
  test("a damaged GroupInfo under a good signature", () => {
    const seen = diceRuns("info", 400, (dice) => {
      const forgery = infoForgery(dice);
      const isWelcome = dice.chance(0.5);
      const message = encodable(() => (isWelcome ? forgeWelcome(stage, own, forgery) : forgeGroupInfo(stage, forgery)));
      return message === undefined ? "not encodable" : isWelcome ? joins(message) : enters(message);
    });
    expect(seen.size).toBeGreaterThan(5);
  });
  test("a damaged tree under the right hash", () => {
    const seen = diceRuns("tree", 600, (dice) => {
      const isWelcome = dice.chance(0.5);
      const message = encodable(() => {
        const changed = { ...stage, tree: damagedTree(dice) };
        return isWelcome ? forgeWelcome(changed, own) : forgeGroupInfo(changed);
      });
      return message === undefined ? "not encodable" : isWelcome ? joins(message) : enters(message);
    });
    expect(seen.size).toBeGreaterThan(5);
    expect(seen.get("ok") ?? 0).toBeLessThan((seen.get("invalid_parent_hash") ?? 0) + (seen.get("invalid_signature") ?? 0));
  });
  test("damaged SelfRemoves beside a GroupInfo", () => {
    const groupInfo = forgeGroupInfo(stage, { groupContext: { groupId: scene.ada.state.context.groupId } });
    const { message } = forgeProposal(forger(scene.ada), { kind: "selfRemove" });
    const seen = diceRuns("selfRemoves", 200, (dice) => enters(groupInfo, [damageBytes(message, dice)]));
    expect(seen.has("ok")).toBe(false);
  });
});
