/**
 * Our engine in pairs with each peer, in both places: every scenario, and with every suite that both have, handshakes public and private.
 * What does not end in agreement is listed: a peer's fault by the scenario that shows it, and what a peer cannot do.
 */
import { describe, expect, it } from "vitest";
import { SUITE } from "../../src/suites.ts";
import { createWasmProvider } from "../../wasm/index.ts";
import { coreCrypto } from "../peers/core-crypto.ts";
import { openMls } from "../peers/openmls.ts";
import { ourPeer } from "../peers/ours.ts";
import type { Handshake, Peer } from "../peers/peer.ts";
import { play, type Scenario, scenarios } from "../peers/scenarios.ts";
import { tsMls } from "../peers/ts-mls.ts";
import { testProvider } from "../support/provider.ts";
import { features } from "./features.ts";

const crypto = await testProvider();
const us = {
  ours: ourPeer({ crypto }),
  "ours with a path in every commit": ourPeer({ crypto, seed: "paths", paths: true }),
  "ours with the tree beside the welcome": ourPeer({ crypto, seed: "beside", tree: "beside" }),
  "ours by the wasm provider": ourPeer({ crypto: await createWasmProvider(), seed: "wasm" }),
};

const all = [...scenarios, ...features];
/** For suites and variants beside the first. */
const short = all.filter(({ name }) =>
  [
    "subject removes one member",
    "subject joins by external commit",
    "subject is joined by external commit",
    "subject founds, adds and is heard",
    "subject updates by commit",
    "subject proposes, another commits by reference",
    "subject commits external PSKs",
    "subject removes all others and adds as many in one commit",
  ].includes(name),
);

interface Results {
  readonly known: readonly string[];
  readonly unsupported: readonly string[];
}

interface Expected {
  readonly ours: Results;
  readonly theirs: Results;
}

const commitSecret = [
  "subject commits the removal of the left half of the tree",
  "subject processes the removal of the left half of the tree",
];
const externals = ["subject joins by external commit", "subject is joined by external commit"];
const unmerged = "subject joins a tree whose inner nodes have different unmerged leaves";
const refilled = "subject is removed, and another put into its leaf, by one commit";
const mixed = ["subject adds two and removes two in one commit", "subject removes all others and adds as many in one commit"];
const references = ["subject proposes, another commits by reference", "subject commits its own proposal by reference"];
const psks = "subject commits external PSKs";

/** `known` are faults of ts-mls; known-faults.node.test.ts shows and decides each. */
const withTsMls: Expected = {
  ours: { known: [...commitSecret, ...externals], unsupported: [] },
  theirs: { known: [unmerged, ...commitSecret, refilled, ...externals, ...mixed], unsupported: [] },
};

const withCoreCrypto: Expected = {
  ours: { known: [], unsupported: [refilled, psks] },
  theirs: { known: [], unsupported: [...mixed, ...references, psks, "subject sends authenticated data"] },
};

/** It commits nothing but one Add, knows no external commit and no PSK, and drops proposals it receives. */
const withOpenMls: Expected = {
  ours: {
    known: ["subject founds, adds and is heard"],
    unsupported: [
      unmerged,
      ...commitSecret,
      refilled,
      ...externals,
      ...references,
      psks,
      "subject removes one member",
      "subject is removed and comes back into another's leaf",
      "subject's messages come late and out of order",
      "subject removes all others and adds as many in one commit",
      "a group grows to nine and shrinks to two",
    ],
  },
  theirs: {
    known: ["subject's messages come late and out of order"],
    unsupported: [
      unmerged,
      ...commitSecret,
      ...externals,
      ...mixed,
      ...references,
      psks,
      "subject removes one member",
      "subject updates by commit",
      "subject removes by value",
      "subject sends authenticated data",
      "subject is left alone, updates, and adds again",
      "a group grows to nine and shrinks to two",
    ],
  },
};

const withOurselves: Expected = { ours: { known: [], unsupported: [] }, theirs: { known: [], unsupported: [] } };

/** No addition stays unmerged if every commit has a path, so there is nothing for a joiner to stumble over. */
const withoutUnmerged = ({ ours, theirs }: Expected): Expected => ({
  ours,
  theirs: { ...theirs, known: theirs.known.filter((name) => name !== unmerged) },
});

type Row = readonly [us: keyof typeof us, peer: Peer, suite: number, handshake: Handshake, expected: Expected, played: readonly Scenario[]];

const rows: readonly Row[] = [
  ["ours", tsMls, SUITE.x25519Aes128, "public", withTsMls, all],
  ["ours", tsMls, SUITE.x25519Aes128, "private", withTsMls, all],
  ["ours", tsMls, SUITE.p256Aes128, "public", withTsMls, short],
  ["ours", tsMls, SUITE.p256Aes128, "private", withTsMls, short],
  ["ours", tsMls, SUITE.x25519ChaCha20, "public", withTsMls, short],
  ["ours", tsMls, SUITE.x25519ChaCha20, "private", withTsMls, short],
  ["ours", tsMls, SUITE.mlkem768X25519Aes128, "private", withTsMls, short],
  ["ours", tsMls, SUITE.xwingAes256Sha512, "public", withTsMls, short],
  ["ours with a path in every commit", tsMls, SUITE.x25519Aes128, "private", withoutUnmerged(withTsMls), all],
  ["ours with the tree beside the welcome", tsMls, SUITE.x25519Aes128, "private", withTsMls, short],
  ["ours by the wasm provider", tsMls, SUITE.p256Aes128, "public", withTsMls, short],
  ["ours by the wasm provider", tsMls, SUITE.xwingAes256Sha512, "private", withTsMls, short],
  ["ours", coreCrypto, SUITE.x25519Aes128, "public", withCoreCrypto, all],
  ["ours", coreCrypto, SUITE.p256Aes128, "public", withCoreCrypto, short],
  ["ours", coreCrypto, SUITE.x25519ChaCha20, "public", withCoreCrypto, short],
  ["ours with a path in every commit", coreCrypto, SUITE.x25519Aes128, "public", withCoreCrypto, short],
  ["ours by the wasm provider", coreCrypto, SUITE.x25519Aes128, "public", withCoreCrypto, short],
  ["ours", openMls, SUITE.x25519ChaCha20, "private", withOpenMls, all],
  ["ours by the wasm provider", openMls, SUITE.x25519ChaCha20, "private", withOpenMls, all],
  ["ours by the wasm provider", us.ours, SUITE.x25519Aes128, "public", withOurselves, all],
  ["ours by the wasm provider", us["ours with a path in every commit"], SUITE.mlkem768X25519Aes128, "private", withOurselves, all],
];

async function results(
  [subject, other]: readonly [Peer, Peer],
  played: readonly Scenario[],
  options: { readonly suite: number; readonly handshake: Handshake },
): Promise<Record<"known" | "unsupported" | "failed", string[]>> {
  const found = { known: [] as string[], unsupported: [] as string[], failed: [] as string[] };
  // The credential types that openmls-wasm has; see MemberOptions.
  const credentials = [subject, other].includes(openMls) ? { credentials: [1] } : {};
  for (const scenario of played) {
    const outcome = await play(scenario, { subject, other, ...options, ...credentials });
    if (outcome.result === "failed") found.failed.push(`${scenario.name}: ${outcome.error.message}`);
    else if (outcome.result !== "agreed") found[outcome.result].push(scenario.name);
  }
  return found;
}

const among = (played: readonly Scenario[], { known, unsupported }: Results): Results & { failed: string[] } => {
  const names = (wanted: readonly string[]): string[] => played.map(({ name }) => name).filter((name) => wanted.includes(name));
  return { known: names(known), unsupported: names(unsupported), failed: [] };
};

describe.each(
  rows.map(([who, peer, suite, handshake, expected, played]) => ({ who, peer, options: { suite, handshake }, expected, played })),
)("$who and $peer.name, suite $options.suite, $options.handshake", ({ who, peer, options, expected, played }) => {
  it("with ours as the subject", async () => {
    expect(await results([us[who], peer], played, options)).toEqual(among(played, expected.ours));
  });

  it("with the peer as the subject", async () => {
    expect(await results([peer, us[who]], played, options)).toEqual(among(played, expected.theirs));
  });
});

it("every expectation names a scenario", () => {
  const names = [withTsMls, withCoreCrypto, withOpenMls].flatMap(({ ours, theirs }) =>
    [ours, theirs].flatMap((side) => [...side.known, ...side.unsupported]),
  );
  expect(names.filter((name) => all.every((scenario) => scenario.name !== name))).toEqual([]);
  expect(short).toHaveLength(8);
});
