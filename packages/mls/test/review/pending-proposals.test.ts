/** What is pending and what becomes of it: one bad proposal must not stop a group, and none that is good together may be refused alone. */
import { describe, expect, test } from "vitest";
import { decodeEcdsaDer, encodeEcdsaDer } from "../../src/crypto/p256-encoding.ts";
import {
  acceptAnyCredential,
  createCommit,
  createExternalProposal,
  createJoinProposal,
  createProposal,
  decodeMlsMessage,
  encodeMlsMessage,
  externalSendersExtension,
  basicCredential,
  members,
  type Proposal,
  receiveMessage,
  sealMessage,
  SUITE,
} from "../../src/index.ts";
import { codeOf, createClient, keyPackageOf, must, NOW, type Seat, seatAll, text } from "../support/clients.ts";
import { testProvider, testRandom } from "../support/provider.ts";
import { byValue, forgeProposal } from "../rules/forge.ts";
import { forgeCommit, forgeUpdate } from "../rules/forge-commit.ts";
import { forgeAdd } from "../rules/forge-key-package.ts";
import { seatAble } from "./able.ts";
import { at, cast, type Cast, forger, hand, stranger, under, verdict } from "../rules/cast.ts";

const psk = (name: string): Proposal => ({ kind: "psk", psk: { kind: "external", id: text(name), nonce: new Uint8Array(32) } });
const CUSTOM = 0xf00d;
const NEW = { type: 0xff01, data: text("") };
const decoder = new TextDecoder();

/** Cyn proposes, and Ada keeps it. */
function pend(scene: Cast, proposal: Proposal): void {
  hand(scene.ada, forgeProposal(forger(scene.cyn), proposal).message);
}

describe("a pending proposal that fits into no commit", () => {
  const bad: Record<string, (scene: Cast) => Proposal> = {
    "with an unknown PSK": () => psk("unknown"),
    "of a key package that has expired": ({ crypto }) =>
      forgeAdd(stranger(crypto), { options: { lifetime: { notBefore: BigInt(NOW - 20), notAfter: BigInt(NOW - 10) } } }),
    "with the encryption key of another": ({ ada, cyn }) =>
      forgeUpdate(forger(cyn), { leaf: (leaf) => ({ ...leaf, encryptionKey: members(ada.state)[0]?.leaf.encryptionKey ?? text("") }) }),
  };
  test.each(Object.entries(bad))("%s is left out, and a removal beside it is not", async (_name, make) => {
    const scene = await cast({ names: ["ada", "bob", "cyn", "dan"] });
    const { ada, bob } = scene;
    pend(scene, make(scene));
    const removal = forgeProposal(forger(bob), { kind: "remove", removed: 3 });
    hand(ada, removal.message);
    const [left] = ada.state.proposals;
    const result = must(createCommit(ada.state, {}, ada.client.context));
    expect(result.leftOut).toEqual([left?.reference]);
    expect(members(result.next)).toHaveLength(3);
    const cyn = at(scene.seats, 2);
    hand(cyn, removal.message);
    expect(verdict(cyn, result.message)).toBe("ok");
  });

  test("by which a member gives up what the group needs is left out", async () => {
    const capabilities = { extensions: [NEW.type] };
    const people = ["ada", "bob"].map((name) => ({ name, capabilities }));
    const seats = await seatAble(people, { groupExtensions: [NEW] });
    const [ada, bob] = [at(seats, 0), at(seats, 1)];
    const update = forgeUpdate(forger(bob), { leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [] } }) });
    const { message, listed } = forgeProposal(forger(bob), update);
    hand(ada, message);
    expect(must(createCommit(ada.state, {}, ada.client.context)).leftOut).toEqual([listed.reference]);
  });

  test("together with scores like it does not push out a removal", { timeout: 60_000 }, async () => {
    const scene = await cast({ names: ["ada", "bob", "cyn", "dan"] });
    const { crypto, ada, bob } = scene;
    const { encryptionKey } = keyPackageOf(stranger(crypto)).keyPackage.leafNode;
    for (let i = 0; i < 70; i++) pend(scene, forgeAdd(stranger(crypto, `e${i}`), { leaf: (leaf) => ({ ...leaf, encryptionKey }) }));
    hand(ada, forgeProposal(forger(bob), { kind: "remove", removed: 3 }).message);
    const result = must(createCommit(ada.state, {}, ada.client.context));
    expect(result.leftOut).toHaveLength(69);
    // Dan is out, and one of the seventy has his place.
    const names = members(result.next).map(({ leaf }) =>
      leaf.credential.kind === "basic" ? decoder.decode(leaf.credential.identity) : "",
    );
    expect(names.join(" ")).toMatch(/^ada bob cyn e\d+$/);
  });

  test("because its credential is still to be checked fails the commit with that check", async () => {
    const scene = await cast();
    pend(scene, forgeAdd(stranger(scene.crypto)));
    const { state, client } = scene.ada;
    const outcome = createCommit(
      state,
      {},
      under(client, { authenticate: ({ purpose }) => (purpose === "keyPackage" ? "defer" : "accept") }),
    );
    expect(!outcome.ok && [outcome.code, outcome.deferred?.length]).toEqual(["credential_deferred", 1]);
  });
});

describe("proposals that are good together", () => {
  test("a client that does not know SelfRemove is added while a member leaves", async () => {
    const { crypto, ada, bob, cyn } = await cast();
    const { message } = must(createProposal(cyn.state, { proposal: { kind: "selfRemove" } }, cyn.client.context));
    for (const seat of [ada, bob]) hand(seat, message);
    const { keyPackage } = keyPackageOf(stranger(crypto), { capabilities: { proposals: [] } });
    const result = must(createCommit(ada.state, { proposals: [{ kind: "add", keyPackage }] }, ada.client.context));
    expect(verdict(bob, result.message)).toBe("ok");
  });

  test("an extension that one member lacks may be proposed before that member is removed", async () => {
    const capabilities = { extensions: [NEW.type] };
    const seats = await seatAble([{ name: "ada", capabilities }, { name: "bob", capabilities }, { name: "cyn" }]);
    const [ada, bob] = [at(seats, 0), at(seats, 1)];
    for (const proposal of [
      { kind: "groupContextExtensions" as const, extensions: [NEW] },
      { kind: "remove" as const, removed: 2 },
    ]) {
      const made = must(createProposal(bob.state, { proposal }, bob.client.context));
      bob.state = made.state;
      hand(ada, made.message);
    }
    const { message, leftOut } = must(createCommit(ada.state, {}, ada.client.context));
    expect(leftOut).toEqual([]);
    expect(verdict(bob, message)).toBe("ok");
  });
});

test("a custom proposal needs a path unless the policy says that its type does not", async () => {
  const capabilities = { proposals: [10, CUSTOM] };
  const seats = await seatAble(["ada", "bob"].map((name) => ({ name, capabilities })));
  const [ada, bob] = [at(seats, 0), at(seats, 1)];
  const custom: Proposal = { kind: "custom", type: CUSTOM, data: text("x") };
  const policy = { pathlessProposalTypes: [CUSTOM] };
  const { message } = must(createCommit(ada.state, { proposals: [custom], path: false }, under(ada.client, policy)));
  const pathless = forgeCommit(forger(ada), { list: byValue(forger(ada), custom), pathless: true });
  for (const commit of [message, pathless]) {
    expect(verdict(bob, commit)).toBe("path_required");
    expect(verdict(bob, commit, policy)).toBe("ok");
  }
});

describe("a sender outside the group", () => {
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const capabilities = { proposals: [10, CUSTOM] };

  /** The same proposal with (r, n - s), a second good signature. */
  function twin(message: Uint8Array): Uint8Array {
    const decoded = must(decodeMlsMessage(message));
    if (decoded.kind !== "publicMessage") throw new Error("a public message");
    const pair = decodeEcdsaDer(decoded.message.auth.signature)?.slice() ?? text("");
    const s = ORDER - pair.subarray(32).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    for (let i = 0; i < 32; i++) pair[32 + i] = Number((s >> BigInt(8 * (31 - i))) & 0xffn);
    const auth = { ...decoded.message.auth, signature: encodeEcdsaDer(pair) };
    return encodeMlsMessage({ ...decoded, message: { ...decoded.message, auth } });
  }

  async function service(suiteId: number): Promise<{ readonly ada: Seat; readonly propose: (proposal: Proposal) => Uint8Array }> {
    const crypto = await testProvider();
    const client = createClient(crypto, "ada", { suiteId, policy: { authenticate: acceptAnyCredential } });
    const signatureKeys = crypto.suite(suiteId)?.signatureKeyPair(testRandom("service"));
    if (signatureKeys === undefined) throw new Error("keys");
    const groupExtensions = [
      externalSendersExtension([{ signatureKey: signatureKeys.publicKey, credential: basicCredential(text("service")) }]),
    ];
    const ada = at(seatAll([client], { capabilities, groupExtensions }), 0);
    const propose = (proposal: Proposal): Uint8Array =>
      must(createExternalProposal({ group: ada.state.context, proposal, signatureKeys }, client.context));
    return { ada, propose };
  }

  test("may send a custom proposal only of a type that the policy names", async () => {
    const { ada, propose } = await service(SUITE.x25519Aes128);
    const message = propose({ kind: "custom", type: CUSTOM, data: text("") });
    expect(verdict(ada, message)).toBe("invalid_proposal");
    expect(verdict(ada, message, { externalProposalTypes: [CUSTOM + 1] })).toBe("invalid_proposal");
    expect(verdict(ada, message, { externalProposalTypes: [CUSTOM] })).toBe("ok");
  });

  test("does nothing twice when its P-256 signature is given a second form", async () => {
    const { ada, propose } = await service(SUITE.p256Aes128);
    const context = under(ada.client, { externalProposalTypes: [CUSTOM] });
    const message = propose({ kind: "custom", type: CUSTOM, data: text("once") });
    let { state } = ada;
    for (const form of [message, twin(message)]) ({ state } = must(receiveMessage(state, form, context)));
    expect(state.proposals).toHaveLength(2);
    expect(must(createCommit(state, {}, context)).leftOut).toHaveLength(1);
  });
});

describe("application messages", () => {
  test("wait while proposals of others are pending, as far as the policy does not say otherwise", async () => {
    const { ada, bob } = await cast();
    hand(ada, must(createProposal(bob.state, { proposal: { kind: "update" } }, bob.client.context)).message);
    expect(codeOf(sealMessage(ada.state, { data: text("x") }, ada.client.context))).toBe("proposals_pending");
    expect(codeOf(sealMessage(ada.state, { data: text("x") }, under(ada.client, { sendBesideProposals: true })))).toBe("ok");
    expect(codeOf(sealMessage(must(createCommit(ada.state, {}, ada.client.context)).next, { data: text("x") }, ada.client.context))).toBe(
      "ok",
    );
  });

  test("do not wait for a stranger who adds himself", async () => {
    const { crypto, ada } = await cast();
    const { keyPackage, secrets } = keyPackageOf(stranger(crypto));
    const { signaturePrivateKey } = secrets;
    hand(ada, must(createJoinProposal({ group: ada.state.context, keyPackage, signaturePrivateKey }, stranger(crypto).context)));
    expect(codeOf(sealMessage(ada.state, { data: text("x") }, ada.client.context))).toBe("ok");
  });
});
