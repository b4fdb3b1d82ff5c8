/** Secrets have one owner, are used once, and do not stay behind. */
import { describe, expect, test } from "vitest";
import {
  adoptCommit,
  type CipherSuite,
  createCommit,
  createExternalCommit,
  createProposal,
  type CryptoProvider,
  discardState,
  encodeState,
  exportGroupInfo,
  type GroupState,
  joinGroup,
  type MlsContext,
  type OwnKeyPackage,
  receiveMessage,
  stateDelta,
} from "../../src/index.ts";
import { Writer } from "../../src/codec/writer.ts";
import { Reader } from "../../src/codec/reader.ts";
import { codeOf, commitAndDeliver, deliver, groupOf, keyPackageOf, must, say, type Seat, text } from "../support/clients.ts";
import { at, cast, fillTree, stranger, verdict } from "../rules/cast.ts";

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** A group that `inviter` made and in which `own` was added. */
function invite(inviter: Seat["client"], own: OwnKeyPackage): { readonly state: GroupState; readonly welcome: Uint8Array } {
  const state = groupOf(inviter, { groupId: text(`group of ${inviter.name}`) });
  const { next, welcome } = must(createCommit(state, { proposals: [{ kind: "add", keyPackage: own.keyPackage }] }, inviter.context));
  return { state: next, welcome: welcome ?? text("") };
}

describe("a state owns its secrets", () => {
  test("a key package of last resort survives the groups that it led into", async () => {
    const { crypto } = await cast();
    const bob = stranger(crypto, "bob");
    const own = keyPackageOf(bob, { lastResort: true });
    const [one, two, three] = ["one", "two", "three"].map((name) => ({
      client: stranger(crypto, name),
      ...invite(stranger(crypto, name), own),
    }));
    if (one === undefined || two === undefined || three === undefined) throw new Error("three");
    const join = (welcome: Uint8Array): GroupState => must(joinGroup({ welcome, keyPackages: [own] }, bob.context)).state;
    const [inOne, inTwo] = [join(one.welcome), join(two.welcome)];
    const moved = must(createCommit(inOne, {}, bob.context));
    discardState(moved.current, moved.next);
    discardState(moved.next, undefined);
    const inThree = join(three.welcome);
    for (const [theirs, mine] of [
      [two, inTwo],
      [three, inThree],
    ] as const) {
      const { message } = must(createCommit(theirs.state, {}, theirs.client.context));
      expect(codeOf(receiveMessage(mine, message, bob.context))).toBe("ok");
    }
  });

  test("a group goes on when the key package and the identity that led into it are overwritten", async () => {
    const { crypto } = await cast();
    const [ada, bob] = [stranger(crypto, "ada"), stranger(crypto, "bob")];
    const own = keyPackageOf(bob);
    const { state, welcome } = invite(ada, own);
    const joined = must(joinGroup({ welcome, keyPackages: [own] }, bob.context)).state;
    const { initKeys, encryptionKeys, signaturePrivateKey } = own.secrets;
    for (const secret of [initKeys.privateKey, encryptionKeys.privateKey, signaturePrivateKey]) secret.fill(0);
    for (const { identity } of [ada, bob]) identity.signatureKeys.privateKey.fill(0);
    const seats: Seat[] = [
      { client: ada, state },
      { client: bob, state: joined },
    ];
    fillTree(seats);
    expect(deliver(seats.slice(1), say(at(seats, 0), "still here"))).toHaveLength(1);
  });

  test("a changed identity stays the caller's, and a discarded state keeps no signature key", async () => {
    const { crypto, ada } = await cast();
    const { identity } = stranger(crypto, "ada again");
    const made = must(createCommit(ada.state, { leaf: { identity } }, ada.client.context));
    discardState(made.next, made.current);
    expect(isBlank(identity.signatureKeys.privateKey)).toBe(false);
    expect(isBlank(made.next.signaturePrivateKey)).toBe(true);
    expect(codeOf(createCommit(made.current, {}, ada.client.context))).toBe("ok");
  });
});

describe("a commit that waits for the server", () => {
  test("does not bring back the keys of what was opened meanwhile", async () => {
    const { ada, bob, cyn } = await cast();
    const made = must(createCommit(ada.state, {}, ada.client.context));
    ada.state = made.current;
    const [first, second] = [say(bob, "pay 10"), say(bob, "and 20")];
    const opened = must(receiveMessage(ada.state, first, ada.client.context)).state;
    discardState(ada.state, opened);
    const next = must(adoptCommit(opened, made.next));
    expect(codeOf(receiveMessage(next, first, ada.client.context))).toBe("replayed");
    expect(codeOf(receiveMessage(next, second, ada.client.context))).toBe("ok");
    const { epoch } = opened.context;
    expect(stateDelta(opened, next).put.filter(([key]) => key.startsWith(`secret/${epoch}/`))).toEqual([]);
    for (const seat of [bob, cyn]) seat.state = must(receiveMessage(seat.state, made.message, seat.client.context)).state;
    ada.state = next;
    deliver([ada], say(cyn, "in the new epoch"));
  });

  test("is adopted from the state that it was made in, and from no other", async () => {
    const { ada, bob } = await cast();
    const { current, next } = must(createCommit(ada.state, {}, ada.client.context));
    const other = commitAndDeliver(bob, [ada]);
    for (const state of [ada.state, next, { ...current, context: { ...current.context, confirmedTranscriptHash: text("x") } }]) {
      expect(codeOf(adoptCommit(state, next))).toBe("usage");
    }
    expect(codeOf(adoptCommit({ ...current, status: "closed" }, next))).toBe("usage");
    expect(codeOf(adoptCommit(current, other.next))).toBe("ok");
  });

  test("does not hold the key that its own message used", async () => {
    const { ada } = await cast();
    const { current, next } = must(createCommit(ada.state, {}, ada.client.context));
    expect(next.pastEpochs[0]?.secretTree).toBe(current.secretTree);
    expect(next.pastEpochs[0]?.secretTree).not.toBe(ada.state.secretTree);
  });
});

test("a removed member keeps what opens late messages, and nothing else", async () => {
  const { ada, bob, cyn } = await cast();
  const late = say(cyn, "late");
  bob.state = must(createProposal(bob.state, { proposal: { kind: "update" } }, bob.client.context)).state;
  commitAndDeliver(ada, [bob], { proposals: [{ kind: "remove", removed: 1 }] });
  const { secrets, signaturePrivateKey, privateKeys, resumptionPsks, ownUpdates } = bob.state;
  expect(
    Object.entries(secrets)
      .filter(([, secret]) => secret.length > 0)
      .map(([name]) => name),
  ).toEqual(["senderData"]);
  expect([signaturePrivateKey.length, privateKeys.size, resumptionPsks.length, ownUpdates.length]).toEqual([0, 0, 0, 0]);
  expect(verdict(bob, late)).toBe("ok");
  expect(encodeState(bob.state).length).toBeGreaterThan(0);
});

/** What a suite made that is secret, by what it is for. */
type Made = { readonly what: string; readonly bytes: Uint8Array };

const labelOf = (info: Uint8Array): string => {
  const reader = new Reader(info);
  reader.u16();
  return new TextDecoder().decode(reader.opaque()).replace("MLS 1.0 ", "");
};

/** Not a secret without its key. */
const HARMLESS = ["nonce"];

/** A provider that remembers every secret it hands out. */
function watching(context: MlsContext): { readonly context: MlsContext; readonly made: Made[] } {
  const made: Made[] = [];
  const note = <T extends Uint8Array | undefined>(what: string, bytes: T): T => {
    if (bytes !== undefined) made.push({ what, bytes });
    return bytes;
  };
  const watch = (suite: CipherSuite): CipherSuite => ({
    ...suite,
    hkdfExtract: (salt, input) => note("extracted", suite.hkdfExtract(salt, input)),
    hkdfExpand: (key, info, length) => note(labelOf(info), suite.hkdfExpand(key, info, length)),
    hpkeDeriveKeyPair: (input) => {
      const pair = suite.hpkeDeriveKeyPair(input);
      note("private key", pair.privateKey);
      return pair;
    },
    hpkeOpen: (...input) => note("opened", suite.hpkeOpen(...input)),
    hpkeExportSend: (...input) => {
      const sent = suite.hpkeExportSend(...input);
      note("external init", sent?.secret);
      return sent;
    },
    hpkeExportReceive: (...input) => note("external init", suite.hpkeExportReceive(...input)),
  });
  const crypto: CryptoProvider = {
    name: "watching",
    suite: (id) => {
      const suite = context.crypto.suite(id);
      return suite && watch(suite);
    },
  };
  return { context: { ...context, crypto }, made };
}

/** Every array that can be reached from a value. */
function reachable(value: unknown, found: Set<unknown> = new Set()): Set<unknown> {
  if (typeof value !== "object" || value === null || found.has(value)) return found;
  found.add(value);
  if (value instanceof Uint8Array) return found;
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) reachable(inner, found);
  return found;
}

/** Names of secrets that are left behind: neither blank nor part of what was kept. */
function leftBehind(made: readonly Made[], ...kept: readonly unknown[]): string[] {
  const known = new Set(kept.flatMap((state) => [...reachable(state)]));
  return made.filter(({ what, bytes }) => !HARMLESS.includes(what) && !isBlank(bytes) && !known.has(bytes)).map(({ what }) => what);
}

describe("nothing secret is left behind", () => {
  test("by a commit that adds somebody, by those who receive it, and by the one who joins", async () => {
    const { crypto, ada, bob, cyn, seats } = await cast({ full: true });
    const dan = stranger(crypto, "dan");
    const own = keyPackageOf(dan);
    const psk = () => new Uint8Array(32).fill(7);
    const on = { ...ada.client.context, policy: { ...ada.client.context.policy, psk } };
    const atAda = watching(on);
    const id = { kind: "external" as const, id: text("k"), nonce: new Uint8Array(32) };
    const proposals = [
      { kind: "add" as const, keyPackage: own.keyPackage },
      { kind: "psk" as const, psk: id },
    ];
    const result = must(createCommit(ada.state, { proposals, groupInfo: { externalPub: true } }, atAda.context));
    expect(leftBehind(atAda.made, ada.state, result.current, result.next)).toEqual([]);
    for (const seat of [bob, cyn]) {
      const there = watching({ ...seat.client.context, policy: on.policy });
      const received = must(receiveMessage(seat.state, result.message, there.context));
      expect(leftBehind(there.made, seat.state, received.state)).toEqual([]);
    }
    const atDan = watching({ ...dan.context, policy: on.policy });
    const joined = must(joinGroup({ welcome: result.welcome ?? text(""), keyPackages: [own] }, atDan.context));
    expect(leftBehind(atDan.made, joined.state, own)).toEqual([]);
    expect(seats).toHaveLength(3);
  });

  test("by an external commit, on both sides", async () => {
    const { crypto, ada } = await cast({ full: true });
    const eve = stranger(crypto);
    const [atAda, atEve] = [watching(ada.client.context), watching(eve.context)];
    const groupInfo = must(exportGroupInfo(ada.state, {}, atAda.context));
    const { next, message } = must(createExternalCommit({ identity: eve.identity, groupInfo }, atEve.context));
    expect(leftBehind(atEve.made, next).filter((what) => what !== "private key")).toEqual([]);
    const received = must(receiveMessage(ada.state, message, atAda.context));
    expect(leftBehind(atAda.made, ada.state, received.state)).toEqual([]);
  });

  test("by a commit that fails at last", async () => {
    const { ada } = await cast({ full: true });
    const watched = watching(ada.client.context);
    const context = { ...watched.context, policy: { ...watched.context.policy, authenticate: () => "reject" as const } };
    expect(codeOf(createCommit(ada.state, {}, context))).toBe("credential_rejected");
    expect(leftBehind(watched.made, ada.state).filter((what) => what !== "private key")).toEqual([]);
  });

  test("by messages, early, late and in order, and the state before stays as it was", async () => {
    const { ada, bob } = await cast();
    const messages = ["one", "two", "three"].map((word) => say(bob, word));
    const states = [ada.state];
    const { context, made } = watching(ada.client.context);
    for (const i of [2, 0, 1]) {
      const before = states.at(-1) ?? ada.state;
      states.push(must(receiveMessage(before, messages[i] ?? text(""), context)).state);
      expect(codeOf(receiveMessage(before, messages[i] ?? text(""), ada.client.context))).toBe("ok");
    }
    expect(leftBehind(made, ...states)).toEqual([]);
  });

  test("by a writer that grows or is much larger than what was written", () => {
    const writer = new Writer(4);
    const first = writer.raw(text("key!")).view();
    writer.raw(text("more"));
    expect(isBlank(first)).toBe(true);
    const large = new Writer(256).raw(text("key!"));
    const view = large.view();
    expect(large.finish()).toEqual(text("key!"));
    expect(isBlank(view)).toBe(true);
  });
});
