/**
 * The peers among themselves: that the adapters work, and that the faults listed in scenarios.ts are still there. Without this a green
 * interop test of our own engine could mean that nothing was played.
 */
import { describe, expect, it } from "vitest";
import { SUITE } from "../../src/suites.ts";
import { coreCrypto } from "./core-crypto.ts";
import { openMls } from "./openmls.ts";
import { copy, decrypt, hex, type Member, type Peer, same, text, utf8 } from "./peer.ts";
import { play, scenarios } from "./scenarios.ts";
import { tsMls } from "./ts-mls.ts";
import { World, type WorldOptions } from "./world.ts";

const everyone = async (options: WorldOptions, peers: readonly Peer[]): Promise<void> => {
  for (const founder of peers) {
    const world = new World(options);
    await world.found("founder", founder);
    for (const [index, peer] of peers.entries()) {
      await world.commit("founder", { add: [[`m${String(index)}`, peer]] });
      await world.agree();
    }
    for (const [index, peer] of peers.entries()) if (peer.supports.update) await world.commit(`m${String(index)}`);
    await world.agree();
    if (founder.supports.remove) await world.commit("founder", { remove: ["m0"] });
    await world.agree();
  }
};

describe("peers with each other", () => {
  it.each([1, 2, 3])("ts-mls and core-crypto, suite %i", async (suite) => {
    await expect(everyone({ suite, handshake: "public" }, [tsMls, coreCrypto])).resolves.toBeUndefined();
  });

  it.each([1, SUITE.mlkem768X25519Aes128, SUITE.xwingAes256Sha512])("ts-mls by PrivateMessage, suite %i", async (suite) => {
    await expect(everyone({ suite, handshake: "private" }, [tsMls, tsMls])).resolves.toBeUndefined();
  });

  it("ts-mls adds openmls-wasm", async () => {
    const world = new World({ suite: 3, handshake: "private", credentials: [1] });
    await world.found("a", tsMls);
    await world.commit("a", {
      add: [
        ["b", openMls],
        ["c", tsMls],
        ["d", openMls],
      ],
    });
    await world.agree();
    await world.commit("c");
    await world.commit("a", { remove: ["d"] });
    await world.agree();
    await world.commit("a", { remove: ["b"] });
    await world.agree();
    expect(await world.member("a").members()).toHaveLength(2);
  });

  it("openmls-wasm adds ts-mls", async () => {
    const world = new World({ suite: 3, handshake: "private", credentials: [1] });
    await world.found("a", openMls);
    await world.commit("a", { add: [["b", tsMls]] });
    await world.commit("a", { add: [["c", tsMls]] });
    await world.agree();
    await world.commit("b");
    await world.commit("c", { remove: ["b"] });
    await world.commit("c", { add: [["d", openMls]] });
    await world.agree();
    const [a, c] = [world.member("a"), world.member("c")];
    expect(hex(await a.treeHash())).toBe(hex(await c.treeHash()));
    expect(hex(await a.epochAuthenticator())).toBe(hex(await c.epochAuthenticator()));
    expect(await a.members()).toEqual(await c.members());
  });

  it("core-crypto commits what ts-mls proposes", async () => {
    const world = new World({ suite: 1, handshake: "public" });
    await world.found("a", tsMls);
    await world.commit("a", {
      add: [
        ["b", coreCrypto],
        ["c", tsMls],
      ],
    });
    const { a, b, c } = { a: world.member("a"), b: world.member("b"), c: world.member("c") };
    const proposal = await a.propose({ kind: "remove", identity: c.identity });
    expect(await b.process(proposal)).toEqual({ kind: "proposal" });
    const { commit } = await b.commit({});
    expect(await a.process(commit)).toEqual({ kind: "commit", removed: false });
    expect(await a.members()).toHaveLength(2);
  });

  it("no peer takes a message twice or changed", async () => {
    for (const [peer, suite] of [
      [tsMls, 1],
      [coreCrypto, 1],
      [openMls, 3],
    ] as const) {
      const world = new World({ suite, handshake: peer.supports.sends.includes("private") ? "private" : "public" });
      await world.found("a", tsMls);
      await world.commit("a", { add: [["b", peer]] });
      await expect(refuses(world.member("a"), world.member("b"))).resolves.toBeUndefined();
    }
  });
});

async function fails(work: Promise<unknown>): Promise<boolean> {
  return await work.then(
    () => false,
    () => true,
  );
}

async function refuses(a: Member, b: Member): Promise<void> {
  const message = await a.encrypt(utf8("once"));
  const changed = copy(message);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  expect(await fails(decrypt(b, changed))).toBe(true);
  const next = await a.encrypt(utf8("twice"));
  expect(text(await decrypt(b, next))).toBe("twice");
  expect(await fails(decrypt(b, next))).toBe(true);
  expect(same(message, next)).toBe(false);
}

describe("known faults", () => {
  const expected: Record<string, readonly string[]> = {
    "ts-mls/core-crypto": ["known", "known", "known", "unsupported", "known", "known", "agreed"],
    "core-crypto/ts-mls": ["agreed", "known", "known", "agreed", "known", "known", "agreed"],
    "core-crypto/core-crypto": ["agreed", "agreed", "agreed", "unsupported", "agreed", "agreed", "agreed"],
    "ts-mls/ts-mls": ["known", "agreed", "agreed", "known", "agreed", "agreed", "agreed"],
  };
  const peers = new Map([tsMls, coreCrypto].map((peer) => [peer.name, peer]));
  const find = (name = ""): Peer => {
    const peer = peers.get(name);
    if (peer === undefined) throw new Error(name);
    return peer;
  };

  it.each(Object.entries(expected))("subject and other: %s", async (cast, results) => {
    const [subject, other] = cast.split("/").map(find);
    if (subject === undefined || other === undefined) throw new Error(cast);
    for (const [index, scenario] of scenarios.entries()) {
      const outcome = await play(scenario, { subject, other, suite: 1, handshake: "public" });
      expect([scenario.name, outcome.result]).toEqual([scenario.name, results[index]]);
    }
  });
});
