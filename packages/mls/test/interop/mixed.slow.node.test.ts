/**
 * Groups of our engine and two or three other implementations, living at random: after every few commits all have the same epoch, exporters,
 * authenticators, tree hashes and members, and read each other's messages.
 */
import { describe, expect, it } from "vitest";
import { SUITE } from "../../src/suites.ts";
import { createWasmProvider } from "../../wasm/index.ts";
import { coreCrypto } from "../peers/core-crypto.ts";
import { openMls } from "../peers/openmls.ts";
import { ourPeer } from "../peers/ours.ts";
import { tsMls } from "../peers/ts-mls.ts";
import { testProvider } from "../support/provider.ts";
import { type RandomLife, RandomWorld } from "./random-world.ts";

const crypto = await testProvider();
const lazy = ourPeer({ crypto, seed: "lazy" });
const eager = ourPeer({ crypto, seed: "eager", paths: true });
const inWasm = ourPeer({ crypto: await createWasmProvider(), seed: "wasm" });

interface Mix extends Omit<RandomLife, "seed" | "steps"> {
  readonly title: string;
  readonly seeds: number;
}

const mixes: readonly Mix[] = [
  {
    title: "with ts-mls and core-crypto",
    suite: SUITE.x25519Aes128,
    handshake: "public",
    peers: [lazy, eager, tsMls, coreCrypto],
    seeds: 8,
  },
  {
    title: "with ts-mls and core-crypto",
    suite: SUITE.p256Aes128,
    handshake: "public",
    peers: [inWasm, eager, tsMls, coreCrypto],
    seeds: 2,
  },
  { title: "with ts-mls and core-crypto", suite: SUITE.x25519ChaCha20, handshake: "public", peers: [lazy, tsMls, coreCrypto], seeds: 3 },
  {
    title: "with ts-mls and openmls-wasm",
    suite: SUITE.x25519ChaCha20,
    handshake: "private",
    credentials: [1],
    peers: [lazy, eager, tsMls, openMls],
    seeds: 6,
  },
  { title: "with core-crypto", suite: SUITE.x25519Aes128, handshake: "public", peers: [lazy, eager, coreCrypto], seeds: 5 },
  { title: "with ts-mls", suite: SUITE.x25519Aes128, handshake: "private", peers: [lazy, eager, inWasm, tsMls], seeds: 6 },
  { title: "with ts-mls", suite: SUITE.mlkem768X25519Aes128, handshake: "private", peers: [lazy, inWasm, tsMls], seeds: 2 },
];

const stories: string[] = [];

describe.each(mixes)("$title, suite $suite, $handshake", ({ seeds, ...life }) => {
  it.each(Array.from({ length: seeds }, (_, index) => `${life.title} ${String(life.suite)} ${String(index)}`))("seed %s", async (seed) => {
    const world = new RandomWorld({ ...life, seed, steps: 12 });
    try {
      await world.live();
    } catch (error) {
      throw new Error(`${String(error)}\nafter\n${world.story.lines.join("\n")}`, { cause: error });
    }
    expect(world.story.lines.length).toBeGreaterThan(8);
    stories.push(...world.story.lines, ...world.story.forgiven);
  });
});

it("all kinds of steps were taken, and the faults of ts-mls met", () => {
  const count = (pattern: RegExp): number => stories.filter((line) => pattern.test(line)).length;
  const counts = {
    byValue: count(/commits .*[+-]/),
    mixed: count(/commits .*\+.* -/),
    proposed: count(/proposes/),
    empty: count(/commits$/),
    external: count(/joins through/),
    psk: count(/with a PSK/),
    unmerged: count(/unmerged_leaves/),
    refilled: count(/No overlap/),
  };
  expect(Object.entries(counts).filter(([, times]) => times === 0)).toEqual([]);
});
