/**
 * The known faults of the peers, each shown against our engine and decided by the text of RFC 9420, told in our own words above the test.
 * Where secrets differ, the test derives them itself (rfc.ts), so that it is not only our engine that says so.
 */
import {
  acceptAll,
  bytesToBase64,
  decodeMlsMessage as decodeByTsMls,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  makePskIndex,
  processMessage,
  encodeMlsMessage as encodeByTsMls,
} from "ts-mls";
import { describe, expect, it } from "vitest";
import { encode } from "../../src/codec/writer.ts";
import { createCommit, decodeMlsMessage, EXTENSION, type GroupState, SUITE } from "../../src/index.ts";
import { writeLeafNode } from "../../src/structs/leaf-node.ts";
import { leafRange, parentOf } from "../../src/tree/math.ts";
import { coreCrypto } from "../peers/core-crypto.ts";
import { openMls } from "../peers/openmls.ts";
import { type OurMember, ourPeer } from "../peers/ours.ts";
import { type Bytes, copy, hex, type Member, type Peer, utf8 } from "../peers/peer.ts";
import { suiteImpl } from "../peers/ts-mls-suites.ts";
import { tsMls, type TsMlsMember } from "../peers/ts-mls.ts";
import { World } from "../peers/world.ts";
import { must } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";
import { deriveSecret, encryptContext, type Epoch, exportedBy, groupContextBytes, loneTreeHash, nextEpoch, tagOf, vector } from "./rfc.ts";

const crypto = await testProvider();
const suiteId = SUITE.x25519Aes128;
const ours = ourPeer({ crypto });

const our = (world: World, name: string): OurMember => world.member(name) as OurMember;

const epochOf = (state: GroupState): Epoch => ({
  context: state.context,
  confirmationTag: state.confirmationTag,
  initSecret: state.secrets.init,
});

function pathOf(commit: Bytes): NonNullable<ReturnType<typeof commitOf>["path"]> {
  const { path } = commitOf(commit);
  if (path === undefined) throw new Error("the commit has no path");
  return path;
}

function commitOf(message: Bytes) {
  const decoded = must(decodeMlsMessage(message));
  if (decoded.kind !== "publicMessage" || decoded.message.framed.content.kind !== "commit") throw new Error("not a commit");
  return decoded.message.framed.content.commit;
}

const failureOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "none",
    (error: unknown) => String(error),
  );

/**
 * §4.1.2: from the direct path of the committer every node is left out whose other child has an empty resolution. §7.4: there is one path
 * secret for each node that remains. §12.4.1 and §12.4.2: commit_secret comes by one more step from the last path secret *of the UpdatePath*.
 *
 * Here leaf 2 removes leaves 0 and 1. The root has nothing on its left any more, so the path ends at the node above leaves 2 and 3, and one
 * step from there is the commit secret. ts-mls takes one step to the root, which has no key, and another from there.
 */
describe("commit secret when the left half of the tree is blank", () => {
  async function remove(committer: Peer): Promise<{ commit: Bytes; tagAfter: (steps: number) => string; receiver: OurMember }> {
    const world = new World({ suite: suiteId, handshake: "public" });
    await world.found("m0", ours);
    const add = [
      ["m1", ours],
      ["m2", committer],
      ["m3", ours],
    ] as const;
    await world.commit("m0", { add });
    await world.commit("m1");
    const receiver = our(world, "m3");
    const before = receiver.state;
    const removed = ["m0", "m1"].map((name) => world.member(name).identity);
    const { commit } = await world.member("m2").commit({ remove: removed });
    const shows = committer.supports.treeHash ? world.member("m2") : receiver;
    if (shows === receiver) await receiver.process(commit);
    const treeHash = await shows.treeHash();
    const pathSecret = openPathSecret(before, commit, treeHash);
    const tagAfter = (steps: number): string => {
      let commitSecret = pathSecret;
      for (let step = 0; step < steps; step += 1) commitSecret = deriveSecret(commitSecret, "path");
      return hex(copy(nextEpoch(epochOf(before), commit, { treeHash, commitSecret }).confirmationTag));
    };
    return { commit, tagAfter, receiver };
  }

  /** §7.6: encrypted to leaf 3, under the GroupContext with the new epoch and tree hash, and the transcript of before. */
  function openPathSecret(before: GroupState, commit: Bytes, treeHash: Bytes): Uint8Array {
    const { nodes } = pathOf(commit);
    expect(nodes).toHaveLength(1);
    const [sealed] = nodes[0]?.encryptedPathSecrets ?? [];
    const keys = before.privateKeys.get(2 * 3);
    const suite = crypto.suite(suiteId);
    if (sealed === undefined || keys === undefined || suite === undefined) throw new Error("nothing to open");
    const provisional = groupContextBytes({ ...before.context, epoch: before.context.epoch + 1n, treeHash });
    const info = encryptContext("UpdatePathNode", provisional);
    const secret = suite.hpkeOpen(keys, sealed, { info, aad: new Uint8Array() });
    if (secret === undefined) throw new Error("the path secret does not open");
    return secret;
  }

  it.each([ours, coreCrypto])("$name is one step from the last path secret", async (committer) => {
    const { commit, tagAfter } = await remove(committer);
    expect(tagAfter(1)).toBe(hex(copy(tagOf(commit))));
    expect(tagAfter(2)).not.toBe(hex(copy(tagOf(commit))));
  });

  it("ts-mls goes a step further, and is refused", async () => {
    const { commit, tagAfter, receiver } = await remove(tsMls);
    expect(tagAfter(1)).not.toBe(hex(copy(tagOf(commit))));
    expect(tagAfter(2)).toBe(hex(copy(tagOf(commit))));
    expect(await failureOf(receiver.process(commit))).toContain("invalid_confirmation_tag");
  });
});

/**
 * §12.4: a commit with a Remove has a path, or the removed could follow. §12.4.1: commit_secret is all zero only if the path is not populated.
 * If the committer remains alone, the path is populated and has no node; the sequence of §7.4 then is path_secret[0] alone, drawn at random,
 * which is where the "one more step from the last" begins. Nobody else has to know it: those who come later get the joiner secret.
 *
 * ts-mls takes zero here, as if there were no path. So a member who is removed from a group of two computes the next epoch from what is
 * public, and goes on to read the group for as long as commits have no path.
 */
describe("commit secret when the filtered direct path is empty", () => {
  async function leave(committer: Peer): Promise<{ world: World; before: GroupState; commit: Bytes; treeHash: Uint8Array }> {
    const world = new World({ suite: suiteId, handshake: "public" });
    await world.found("m0", committer);
    await world.commit("m0", { add: [["m1", ours]] });
    await world.commit("m1");
    const before = our(world, "m1").state;
    const { commit } = await world.commit("m0", { remove: ["m1"] });
    const { nodes, leafNode } = pathOf(commit);
    expect(nodes).toEqual([]);
    return { world, before, commit, treeHash: loneTreeHash(encode(writeLeafNode, leafNode)) };
  }

  const zero = new Uint8Array(32);

  it.each([ours, coreCrypto])("$name does not take zero", async (committer) => {
    const { before, commit, treeHash } = await leave(committer);
    const followed = nextEpoch(epochOf(before), commit, { treeHash, commitSecret: zero });
    expect(hex(copy(followed.confirmationTag))).not.toBe(hex(copy(tagOf(commit))));
  });

  it("ours takes the path secret that it has drawn", async () => {
    const { world } = await leave(ours);
    const member = our(world, "m0");
    const draws: Uint8Array[] = [];
    const random = (length: number): Uint8Array => {
      const bytes = member.context.random(length);
      draws.push(bytes.slice());
      return bytes;
    };
    const made = must(createCommit(member.state, { wireFormat: "publicMessage" }, { ...member.context, random }));
    const { treeHash } = made.next.context;
    const commit = copy(made.message);
    const secrets = draws.filter((draw) => draw.length === 32);
    const tags = secrets.map((commitSecret) =>
      hex(copy(nextEpoch(epochOf(member.state), commit, { treeHash, commitSecret }).confirmationTag)),
    );
    expect(tags).toContain(hex(copy(tagOf(commit))));
  });

  it("ts-mls takes zero, so that the removed member follows into the next epochs", async () => {
    const { world, before, commit, treeHash } = await leave(tsMls);
    const alone = nextEpoch(epochOf(before), commit, { treeHash, commitSecret: zero });
    expect(hex(copy(alone.confirmationTag))).toBe(hex(copy(tagOf(commit))));
    expect(hex(copy(alone.epochAuthenticator))).toBe(hex(await world.member("m0").epochAuthenticator()));
    const sent = await world.commit("m0", { add: [["m2", ours]] });
    expect(commitOf(sent.commit).path).toBeUndefined();
    const joined = nextEpoch(alone, sent.commit, { treeHash: await world.member("m2").treeHash(), commitSecret: zero });
    expect(hex(copy(exportedBy(joined.exporterSecret, "label", utf8("context"))))).toBe(
      hex(await world.member("m2").exporter("label", utf8("context"), 32)),
    );
  });
});

/**
 * §7.5: those who are added by the same commit get no ciphertext of the path, but a path secret in the Welcome (§12.4.3.1). If all others are
 * new, no node of the path has a ciphertext, and the joiners still hold the keys above them: they can read the next path.
 */
it.each([ours, coreCrypto, tsMls])("those added by a member who is alone agree, by a path without ciphertexts: $name", async (joiner) => {
  const world = new World({ suite: suiteId, handshake: "public" });
  await world.found("m0", ourPeer({ crypto, paths: true }));
  const add = [
    ["m1", joiner],
    ["m2", joiner],
    ["m3", ours],
  ] as const;
  const { commit } = await world.commit("m0", { add });
  const { nodes } = pathOf(commit);
  expect(nodes.map(({ encryptedPathSecrets }) => encryptedPathSecrets.length)).toEqual([0, 0]);
  await world.agree();
  for (const name of ["m0", "m3", "m1"]) await world.commit(name);
  await world.agree();
});

/**
 * §12.4.3.1: of each leaf listed by a parent node, every nonblank node *between the two* has to list it as well. A node higher up may list
 * more (another leaf, below its other child), and one above it may list none. ts-mls compares the whole lists of all nodes from the leaf to the
 * root, and refuses trees in which they differ.
 */
describe("unmerged leaves", () => {
  async function grow(joiner: Peer): Promise<{ world: World; joining: Promise<unknown> }> {
    const world = new World({ suite: suiteId, handshake: "public" });
    await world.found("m0", ours);
    await world.commit("m0", { add: ["m1", "m2", "m3", "m4", "m5"].map((name) => [name, ours] as const) });
    await world.commit("m0", { remove: ["m3", "m5"] });
    for (const name of ["m0", "m1", "m2", "m4"]) await world.commit(name);
    const add = [
      ["n3", ours],
      ["n5", joiner],
    ] as const;
    return { world, joining: world.commit("m0", { add }) };
  }

  it.each([ours, coreCrypto])("$name joins a tree whose nodes list different ones", async (joiner) => {
    const { world, joining } = await grow(joiner);
    await joining;
    await world.agree();
    const { tree } = our(world, "m0").state;
    const lists = new Map<number, readonly number[]>();
    for (let node = 1; node < tree.width; node += 2) lists.set(node, tree.parent(node)?.unmergedLeaves ?? []);
    expect([lists.get(3), lists.get(7)]).toEqual([[3], [3, 5]]);
    for (const [node, leaves] of lists) for (const leaf of leaves) expect(liesInOrder(world, { node, leaf })).toBe(true);
  });

  /** The two conditions of §12.4.3.1 on an entry. */
  function liesInOrder(world: World, { node, leaf }: { readonly node: number; readonly leaf: number }): boolean {
    const { tree } = our(world, "m0").state;
    const { first, last } = leafRange(node);
    if (leaf < first || leaf > last || tree.leaf(leaf) === undefined) return false;
    for (let between = parentOf(2 * leaf); between !== node; between = parentOf(between)) {
      const parent = tree.parent(between);
      if (parent !== undefined && !parent.unmergedLeaves.includes(leaf)) return false;
    }
    return true;
  }

  it("ts-mls refuses it", async () => {
    const { joining } = await grow(tsMls);
    expect(await failureOf(joining)).toMatch(/ts-mls \(n5\) joins: .*must list leaf node in its unmerged_leaves/);
  });
});

/**
 * §12.3: removals are applied before additions, and §12.1.1 puts a newcomer into the leftmost empty leaf, so into the one that has just become
 * empty. §12.4.2: a client must be prepared for a commit that removes it. ts-mls looks whether its leaf is empty, and finds the newcomer.
 */
describe("a leaf emptied and filled by one commit", () => {
  async function refill(leaver: Peer): Promise<{ world: World; commit: Bytes; leaver: Member }> {
    const world = new World({ suite: suiteId, handshake: "public", forgives: ({ who }) => who === "m1" });
    await world.found("m0", ours);
    const add = [
      ["m1", leaver],
      ["m2", ours],
    ] as const;
    await world.commit("m0", { add });
    const member = world.member("m1");
    const { commit } = await world.commit("m0", { remove: ["m1"], add: [["n1", ours]] });
    await world.agree();
    expect(our(world, "n1").state.ownLeafIndex).toBe(1);
    return { world, commit, leaver: member };
  }

  it("tells our member that it is out", async () => {
    const { leaver } = await refill(ours);
    expect((leaver as OurMember).state.status).toBe("removed");
  });

  it("makes ts-mls fail", async () => {
    const { commit, leaver } = await refill(tsMls);
    expect(await failureOf(leaver.process(commit))).toContain("No overlap between provided private keys and update path");
  });
});

/**
 * §12.4.3.2: the content of external_pub is a struct with an HPKEPublicKey, and that is `opaque<V>` (§5.1.1): the key comes behind its length,
 * inside the length of the extension. ts-mls leaves the inner length out, in what it writes and in what it reads.
 */
describe("external_pub", () => {
  it("holds the key with its length; by ts-mls without", async () => {
    const world = new World({ suite: suiteId, handshake: "public" });
    await world.found("m0", ours);
    await world.commit("m0", { add: [["m1", tsMls]] });
    const [right, wrong] = await Promise.all(["m0", "m1"].map(async (name) => externalPubOf(await world.member(name).groupInfo())));
    expect(wrong).toHaveLength(32);
    expect(hex(copy(right ?? new Uint8Array()))).toBe(hex(copy(vector(wrong ?? new Uint8Array()))));
  });

  function externalPubOf(message: Bytes): Uint8Array {
    const decoded = must(decodeMlsMessage(message));
    if (decoded.kind !== "groupInfo") throw new Error("not a GroupInfo");
    const found = decoded.groupInfo.extensions.find(({ type }) => type === EXTENSION.externalPub);
    if (found === undefined) throw new Error("there is no external_pub");
    return found.data;
  }

  it("keeps ts-mls from joining us, and us from joining ts-mls", async () => {
    for (const [host, joiner] of [
      [ours, tsMls],
      [tsMls, ours],
    ] as const) {
      const world = new World({ suite: suiteId, handshake: "public" });
      await world.found("m0", host);
      expect(await failureOf(world.externalJoin("m0", ["m1", joiner]))).toContain("m1) joins by external commit");
    }
  });
});

/** §5.1.1: signature keys of ECDSA are uncompressed points (RFC 8446 §4.2.8.2). ts-mls makes compressed ones; the adapter corrects that. */
it("P-256 signature keys are uncompressed; those of ts-mls are not, and are refused", async () => {
  const impl = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMP256_AES128GCM_SHA256_P256"));
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { publicPackage: keyPackage } = await generateKeyPackage(
    { credentialType: "basic", identity: utf8("compressed") },
    { versions: ["mls10"], ciphersuites: [impl.name], extensions: [], proposals: [], credentials: ["basic"] },
    { notBefore: now - 60n, notAfter: now + 3600n },
    [],
    impl,
  );
  expect(keyPackage.leafNode.signaturePublicKey).toHaveLength(33);
  const member = await ours.newMember("m0", { suite: SUITE.p256Aes128 });
  await member.create(utf8("group"));
  const [own] = await member.members();
  expect(own?.leaf).toBe(0);
  expect(member.state.tree.leaf(0)?.signatureKey).toHaveLength(65);
  expect(member.state.tree.leaf(0)?.signatureKey[0]).toBe(4);
  const message = copy(encodeByTsMls({ version: "mls10", wireformat: "mls_key_package", keyPackage }));
  expect(await failureOf(member.commit({ add: [message] }))).toContain("invalid_key");
});

/** §8.4, §12.4.2: a commit's PSKs are looked up however it is framed (§6). processMessage of ts-mls looks them up for a PublicMessage only. */
it("PSKs belong to a commit as PrivateMessage too; ts-mls forgets them", async () => {
  const world = new World({ suite: suiteId, handshake: "private" });
  await world.found("m0", ours);
  await world.commit("m0", { add: [["m1", tsMls]] });
  const [id, secret] = [utf8("id"), utf8("a secret of some length")];
  const m1 = world.member("m1") as TsMlsMember;
  for (const member of [world.member("m0"), m1]) await member.rememberPsk(id, secret);
  const { commit } = await world.member("m0").commit({ psk: [id] });
  const decoded = decodeByTsMls(commit, 0)?.[0];
  if (decoded?.wireformat !== "mls_private_message") throw new Error("not a PrivateMessage");
  const index = makePskIndex(m1.state, { [bytesToBase64(id)]: secret });
  expect(await failureOf(processMessage(decoded, m1.state, index, acceptAll, await suiteImpl(suiteId)))).toMatch(/psk/i);
  // The adapter calls the function below it, which does not forget them.
  expect(await m1.process(commit)).toEqual({ kind: "commit", removed: false });
  await world.agree();
});

/** §12.4, §12.4.2: a commit may name proposals by reference, and the receiver finds them among those it has received. openmls-wasm drops them. */
it("a commit refers to proposals; openmls-wasm has dropped them", async () => {
  const world = new World({ suite: 3, handshake: "private", credentials: [1] });
  await world.found("m0", ours);
  for (const name of ["m1", "m2"]) await world.commit("m0", { add: [[name, openMls]] });
  await world.agree();
  const failure = await failureOf(world.commit("m1", { add: [["m3", ours]] }));
  expect(failure).toMatch(/openmls-wasm \(m2\) processes the commit: .*missing a proposal/);
  expect(await world.member("m0").epoch()).toBe(await world.member("m1").epoch());
});

/** §2.1: what does not decode is malformed and refused; a client lives on after that. openmls-wasm panics, and its group cannot be used again. */
it("a message that does not decode is refused; openmls-wasm panics", async () => {
  const world = new World({ suite: 3, handshake: "private", credentials: [1] });
  await world.found("m0", ours);
  await world.commit("m0", { add: [["m1", openMls]] });
  for (const [reader, sender, outcome] of [
    ["m0", "m1", "decode_invalid"],
    ["m1", "m0", "unreachable"],
  ] as const) {
    const message = await world.member(sender).encrypt(utf8("hello"));
    const broken = copy(message);
    // The content type, which lies behind version, wire format, group id and epoch.
    broken[4 + 1 + utf8("world").length + 8] = 0;
    expect(await failureOf(world.member(reader).process(broken))).toContain(outcome);
    const after = await failureOf(world.member(reader).process(message));
    expect(after).toContain(reader === "m0" ? "none" : "recursive use of an object");
  }
});
