/**
 * What the Peer interface has no word for: Update proposals, welcomes of ts-mls without the tree, key packages of last resort and with GREASE,
 * changed group extensions, a client that comes back by an external commit, and messages twice or changed.
 */
import { createCommit as createCommitByTsMls, decodeMlsMessage as decodeByTsMls, encodeMlsMessage as encodeByTsMls } from "ts-mls";
import { encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { describe, expect, it } from "vitest";
import {
  basicCredential,
  createCommit,
  createExternalCommit,
  createIdentity,
  createKeyPackage,
  decodeMlsMessage,
  encodeMlsMessage,
  EXTENSION,
  members,
  receiveMessage,
  requiredCapabilitiesExtension,
  SUITE,
} from "../../src/index.ts";
import { coreCrypto, wireIdentity } from "../peers/core-crypto.ts";
import { openMls } from "../peers/openmls.ts";
import { type OurMember, ourPeer } from "../peers/ours.ts";
import { copy, decrypt, hex, type Member, type Peer, text, utf8 } from "../peers/peer.ts";
import { suiteImpl } from "../peers/ts-mls-suites.ts";
import { tsMls, type TsMlsMember } from "../peers/ts-mls.ts";
import { World } from "../peers/world.ts";
import { codeOf, must } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";

const crypto = await testProvider();
const suiteId = SUITE.x25519Aes128;
const ours = ourPeer({ crypto });
const our = (world: World, name: string): OurMember => world.member(name) as OurMember;
const both = [tsMls, coreCrypto] as const;

async function three(peer: Peer, founder: Peer = ours): Promise<World> {
  const world = new World({ suite: suiteId, handshake: "public" });
  await world.found("m0", founder);
  const add = [
    ["m1", peer],
    ["m2", ours],
  ] as const;
  await world.commit("m0", { add });
  return world;
}

const failureOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "none",
    (error: unknown) => String(error),
  );

describe("an Update proposal", () => {
  it.each(both)("of ours is committed by $name", async (peer) => {
    const world = await three(peer);
    const proposer = our(world, "m2");
    const before = proposer.state.tree.leaf(2)?.encryptionKey;
    const proposal = await proposer.proposeUpdate();
    for (const name of ["m0", "m1"]) expect(await world.member(name).process(proposal)).toEqual({ kind: "proposal" });
    await world.commit("m1");
    await world.agree();
    expect(proposer.state.tree.leaf(2)?.encryptionKey).not.toEqual(before);
    await world.commit("m2");
    await world.agree();
  });

  it.each(both)("of ours, committed by ours, is processed by $name", async (peer) => {
    const world = await three(peer);
    const proposal = await our(world, "m2").proposeUpdate();
    for (const name of ["m0", "m1"]) await world.member(name).process(proposal);
    await world.commit("m0", { add: [["m3", peer]] });
    await world.agree();
    await world.commit("m1");
    await expect(world.agree()).resolves.toBeUndefined();
  });
});

it("ours joins by a welcome of ts-mls whose tree comes beside it, and not without", async () => {
  const world = await three(ours, tsMls);
  const founder = world.member("m0") as TsMlsMember;
  const joiner = await ours.newMember("m3", { suite: suiteId });
  const message = must(decodeMlsMessage(await joiner.keyPackage()));
  if (message.kind !== "keyPackage") throw new Error("not a KeyPackage");
  const cipherSuite = await suiteImpl(suiteId);
  const decoded = decodeByTsMls(encodeMlsMessage(message), 0)?.[0];
  if (decoded?.wireformat !== "mls_key_package") throw new Error("not a KeyPackage");
  const { newState, welcome } = await createCommitByTsMls(
    { state: founder.state, cipherSuite },
    { extraProposals: [{ proposalType: "add", add: { keyPackage: decoded.keyPackage } }], ratchetTreeExtension: false },
  );
  if (welcome === undefined) throw new Error("there is no welcome");
  const bytes = copy(encodeByTsMls({ version: "mls10", wireformat: "mls_welcome", welcome }));
  expect(await failureOf(joiner.join(bytes))).toContain("missing_tree");
  await joiner.join(bytes, copy(encodeRatchetTree(newState.ratchetTree)));
  expect(hex(await joiner.epochAuthenticator())).toBe(hex(copy(newState.keySchedule.epochAuthenticator)));
});

/** §13.5: unknown values in capabilities are ignored, and a list may hold some on purpose. */
describe("a key package of ours", () => {
  it.each(both)("with GREASE in its capabilities is added by $name", async (peer) => {
    const world = await three(peer, peer);
    const greased = ourPeer({ crypto, seed: "grease", grease: true });
    for (const name of ["m3", "m4"]) await world.commit("m0", { add: [[name, greased]] });
    await world.commit("m3");
    await expect(world.agree()).resolves.toBeUndefined();
  });

  it.each(both)("of last resort is added by $name", async (peer) => {
    const host = await peer.newMember(wireIdentity("host"), { suite: suiteId });
    await host.create(utf8("group"));
    const { context } = await ours.newMember("last", { suite: suiteId });
    const identity = must(createIdentity({ suiteId, credential: basicCredential(utf8(wireIdentity("last"))) }, context));
    const capabilities = { credentials: [1, 2] };
    const { keyPackage } = must(createKeyPackage({ suiteId, identity, capabilities, lastResort: true }, context));
    const { welcome } = await host.commit({ add: [copy(encodeMlsMessage({ kind: "keyPackage", keyPackage }))] });
    expect(welcome).toBeDefined();
    expect(await host.members()).toHaveLength(2);
  });
});

it.each(both)("new extensions of the GroupContext reach $name", async (peer) => {
  const world = await three(peer);
  const required = requiredCapabilitiesExtension({ extensions: [], proposals: [], credentials: [1] });
  const committer = our(world, "m0");
  const proposals = [{ kind: "groupContextExtensions" as const, extensions: [required] }];
  const made = must(createCommit(committer.state, { proposals, wireFormat: "publicMessage" }, committer.context));
  for (const name of ["m1", "m2"]) expect(await world.member(name).process(copy(made.message))).toEqual({ kind: "commit", removed: false });
  expect(hex(await our(world, "m2").epochAuthenticator())).toBe(hex(copy(made.next.secrets.epochAuthenticator)));
  const exported = hex(await world.member("m1").exporter("exporter", utf8(""), 32));
  expect(exported).toBe(hex(await our(world, "m2").exporter("exporter", utf8(""), 32)));
  expect(our(world, "m2").state.context.extensions.map(({ type }) => type)).toEqual([EXTENSION.requiredCapabilities]);
});

it.each(both)("ours comes back into its place by an external commit, and $name sees it", async (peer) => {
  const world = await three(peer, peer === coreCrypto ? coreCrypto : ours);
  const groupInfo = await world.member("m0").groupInfo();
  const lost = our(world, "m2");
  const identity = { credential: basicCredential(lost.identity), signatureKeys: keysOf(lost) };
  const options = { groupInfo, identity, capabilities: { credentials: [1, 2] }, resync: 2 };
  const made = must(createExternalCommit(options, lost.context));
  for (const name of ["m0", "m1"]) expect(await world.member(name).process(copy(made.message))).toEqual({ kind: "commit", removed: false });
  expect(members(made.next).map(({ leafIndex }) => leafIndex)).toEqual([0, 1, 2]);
  const data = await world.member("m1").encrypt(utf8("welcome back"));
  const received = must(receiveMessage(made.next, data, lost.context));
  expect(received.kind === "application" && text(copy(received.data))).toBe("welcome back");
});

function keysOf(member: OurMember): { privateKey: Uint8Array; publicKey: Uint8Array } {
  const leaf = member.state.tree.leaf(member.state.ownLeafIndex);
  if (leaf === undefined) throw new Error("no leaf");
  return { privateKey: member.state.signaturePrivateKey, publicKey: leaf.signatureKey };
}

describe("messages twice or changed", () => {
  it.each([tsMls, coreCrypto, openMls])("of $name are refused by ours, and the other way round", async (peer) => {
    const suite = peer === openMls ? 3 : 1;
    const handshake = peer.supports.sends.includes("private") ? "private" : "public";
    const world = new World({ suite, handshake, ...(peer === openMls ? { credentials: [1] } : {}) });
    await world.found("m0", ours);
    await world.commit("m0", { add: [["m1", peer]] });
    await expect(refuses(world.member("m0"), world.member("m1"))).resolves.toBeUndefined();
    await expect(refuses(world.member("m1"), world.member("m0"))).resolves.toBeUndefined();
  });

  async function refuses(sender: Member, reader: Member): Promise<void> {
    const message = await sender.encrypt(utf8("once"));
    for (const at of [message.length - 20, message.length - 1]) {
      const changed = copy(message);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await failureOf(decrypt(reader, changed))).not.toBe("none");
    }
    const next = await sender.encrypt(utf8("twice"));
    expect(text(await decrypt(reader, next))).toBe("twice");
    expect(await failureOf(decrypt(reader, next))).not.toBe("none");
  }
});

it("ours says what is wrong with a message of a past epoch or of another group", async () => {
  const world = await three(tsMls);
  const early = await world.member("m1").commit({});
  const late = our(world, "m0").state;
  await world.member("m0").process(early.commit);
  expect(codeOf(receiveMessage(our(world, "m0").state, early.commit, our(world, "m0").context))).toBe("epoch_behind");
  const other = await three(tsMls);
  const elsewhere = { ...late, context: { ...late.context, groupId: utf8("elsewhere") } };
  expect(codeOf(receiveMessage(elsewhere, early.commit, our(other, "m0").context))).toBe("wrong_group");
});
