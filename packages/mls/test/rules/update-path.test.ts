/** RFC 9420 §7.4 to §7.6, §7.9, §12.4.2: update paths. */
import { describe, expect, test } from "vitest";
import type { UpdatePath, UpdatePathNode } from "../../src/structs/update-path.ts";
import { text } from "../support/clients.ts";
import { accepted, cast, type Cast, forger, stranger, verdict } from "./cast.ts";
import { byValue, flip } from "./forge.ts";
import { type CommitForgery, forgeCommit } from "./forge-commit.ts";
import { forgeAdd } from "./forge-key-package.ts";

const FOUR = { names: ["ada", "bob", "cyn", "dan"], full: true };

function broken({ ada, bob }: Cast, forgery: CommitForgery): string {
  return verdict(bob, forgeCommit(forger(ada), forgery));
}

const nodes =
  (change: (list: readonly UpdatePathNode[]) => readonly UpdatePathNode[]): ((path: UpdatePath) => UpdatePath) =>
  (path) => ({ ...path, nodes: change(path.nodes) });

const firstNode = (change: (node: UpdatePathNode) => UpdatePathNode): ((path: UpdatePath) => UpdatePath) =>
  nodes((list) => list.map((node, i) => (i === 0 ? change(node) : node)));

describe("§7.6 the shape of a path", () => {
  test("is good when nothing is wrong", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, {})).toBe("ok");
    expect(broken(scene, { wireFormat: "privateMessage" })).toBe("ok");
  });
  test("one node for each of the filtered direct path", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { path: nodes((list) => list.slice(1)) })).toBe("invalid_path");
    expect(broken(scene, { path: nodes((list) => [...list, ...list.slice(1)]) })).toBe("invalid_path");
    expect(broken(scene, { path: nodes(() => []) })).toBe("invalid_path");
  });
  test("one ciphertext for each node of the copath's resolution", async () => {
    const scene = await cast(FOUR);
    const drop = firstNode((node) => ({ ...node, encryptedPathSecrets: [] }));
    const double = firstNode((node) => ({ ...node, encryptedPathSecrets: [...node.encryptedPathSecrets, ...node.encryptedPathSecrets] }));
    expect(broken(scene, { path: drop })).toBe("invalid_path");
    expect(broken(scene, { path: double })).toBe("invalid_path");
  });
  test("no ciphertext for a leaf that the same commit adds", async () => {
    const scene = await cast(FOUR);
    const { ada, bob, crypto } = scene;
    const by = forger(ada);
    const list = byValue(by, forgeAdd(stranger(crypto)));
    expect(verdict(bob, forgeCommit(by, { list }))).toBe("ok");
    // The top node's other side holds the newcomer alone, so its list is empty.
    const forNewcomer = nodes((all) => all.map((node) => ({ ...node, encryptedPathSecrets: all[0]?.encryptedPathSecrets ?? [] })));
    expect(verdict(bob, forgeCommit(by, { list, path: forNewcomer }))).toBe("invalid_path");
  });
  test("public keys of the suite", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { publicKeys: (keys) => keys.map(() => new Uint8Array(32)) })).toBe("invalid_key");
    expect(broken(scene, { path: firstNode((node) => ({ ...node, encryptionKey: text("short") })) })).toBe("invalid_key");
  });
});

describe("§7.5 opening a path", () => {
  test("the derived public keys are those of the path", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { pathSecrets: (secrets) => secrets.map(flip) })).toBe("unreadable_path");
    const strange = scene.crypto.suite(1)?.hpkeDeriveKeyPair(new Uint8Array(32).fill(7)).publicKey;
    const lastOther = (keys: readonly Uint8Array[]): Uint8Array[] => keys.map((key, i) => (i === keys.length - 1 ? (strange ?? key) : key));
    expect(broken(scene, { publicKeys: lastOther })).toBe("unreadable_path");
  });
  test("a path secret has the length of a hash", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { pathSecrets: (secrets) => secrets.map((secret) => secret.subarray(1)) })).toBe("unreadable_path");
  });
  test("the ciphertext opens under the provisional group context", async () => {
    const scene = await cast(FOUR);
    const spoil = firstNode((node) => ({
      ...node,
      encryptedPathSecrets: node.encryptedPathSecrets.map(({ kemOutput, ciphertext }) => ({ kemOutput, ciphertext: flip(ciphertext) })),
    }));
    const spoilKem = firstNode((node) => ({
      ...node,
      encryptedPathSecrets: node.encryptedPathSecrets.map(({ ciphertext }) => ({ kemOutput: text("short"), ciphertext })),
    }));
    expect(broken(scene, { path: spoil })).toBe("unreadable_path");
    expect(broken(scene, { path: spoilKem })).toBe("unreadable_path");
  });
  test("outdated private keys are gone afterwards", async () => {
    const { ada, bob } = await cast(FOUR);
    const next = accepted(bob, forgeCommit(forger(ada)));
    const old = new Set([...bob.state.privateKeys.values()].map((pair) => pair.publicKey));
    const kept = [...next.privateKeys].filter(([, pair]) => old.has(pair.publicKey)).map(([node]) => node);
    expect(kept).toEqual([2 * bob.state.ownLeafIndex]);
  });
});

describe("§7.9 the parent hash", () => {
  test("in the committer's leaf is the one of its path", async () => {
    const scene = await cast(FOUR);
    const other = (parentHash: Uint8Array): CommitForgery => ({ leaf: (leaf) => ({ ...leaf, source: { kind: "commit", parentHash } }) });
    expect(broken(scene, other(new Uint8Array(32)))).toBe("invalid_parent_hash");
    expect(broken(scene, other(new Uint8Array(0)))).toBe("invalid_parent_hash");
  });
  test("is empty where the path is empty", async () => {
    const { ada, bob } = await cast(FOUR);
    const by = forger(ada);
    const leaf: CommitForgery["leaf"] = (content) => ({ ...content, source: { kind: "commit", parentHash: new Uint8Array(32) } });
    const list = byValue(by, { kind: "remove", removed: 1 }, { kind: "remove", removed: 2 }, { kind: "remove", removed: 3 });
    expect(verdict(bob, forgeCommit(by, { list, leaf }))).toBe("invalid_parent_hash");
    expect(verdict(bob, forgeCommit(by, { list }))).toBe("ok");
  });
});

describe("§12.4.2 the keys of a path", () => {
  test("stand nowhere else in the new tree", async () => {
    const scene = await cast(FOUR);
    const { tree } = scene.ada.state;
    for (const index of [2, 4, 5]) {
      const taken = tree.encryptionKey(index);
      if (taken === undefined) throw new Error("blank node");
      expect(broken(scene, { publicKeys: (keys) => keys.map((key, i) => (i === 0 ? taken : key)) })).toBe("duplicate_key");
    }
  });
  test("are different from each other and from the leaf's", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { publicKeys: (keys) => keys.map(() => keys[0] ?? new Uint8Array(0)) })).toBe("duplicate_key");
    let first = new Uint8Array(0);
    const keep: CommitForgery["publicKeys"] = (keys) => {
      first = (keys[0] ?? first).slice();
      return keys;
    };
    expect(broken(scene, { publicKeys: keep, leaf: (leaf) => ({ ...leaf, encryptionKey: first }) })).toBe("duplicate_key");
  });
});
