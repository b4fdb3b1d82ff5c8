/** RFC 9420 §8.3, §12.2, §12.4.3.2: commits by which somebody joins or resynchronises. */
import { describe, expect, test } from "vitest";
import { createExternalCommit, type CredentialCheck, exportGroupInfo, type Proposal } from "../../src/index.ts";
import { type Client, codeOf, must, text } from "../support/clients.ts";
import { accepted, cast, type Cast, forger, hand, joiner, stranger, suiteIn, verdict } from "./cast.ts";
import { byValue, flip, type Forger, forgeProposal } from "./forge.ts";
import { type CommitForgery, forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd } from "./forge-key-package.ts";
import { forgeGroupInfo, stageOf } from "./forge-welcome.ts";

const FOUR = { names: ["ada", "bob", "cyn", "dan"] };

/** What Bob says to Eve's external commit; `proposals` are by value. */
function broken(scene: Cast, forgery: CommitForgery, ...proposals: readonly Proposal[]): string {
  const by = joiner(scene.bob, stranger(scene.crypto));
  return verdict(scene.bob, forgeCommit(by, { list: byValue(by, ...proposals), ...forgery }));
}

describe("§12.2 the list of an external commit", () => {
  test("is good when nothing is wrong", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, {})).toBe("ok");
    expect(broken(scene, {}, { kind: "remove", removed: 3 })).toBe("ok");
    expect(
      broken(
        await cast({ ...FOUR, policy: { psk: () => new Uint8Array(32) } }),
        {},
        { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } },
      ),
    ).toBe("ok");
  });
  test("has exactly one ExternalInit", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { noExternalInit: true })).toBe("invalid_proposal_list");
    expect(broken(scene, {}, { kind: "externalInit", kemOutput: new Uint8Array(32).fill(9) })).toBe("invalid_proposal_list");
  });
  test("has one Remove at most", async () => {
    expect(broken(await cast(FOUR), {}, { kind: "remove", removed: 2 }, { kind: "remove", removed: 3 })).toBe("invalid_proposal_list");
  });
  test("removes a leaf that is not blank", async () => {
    const scene = await cast(FOUR);
    for (const removed of [4, 0xffffffff]) expect(broken(scene, {}, { kind: "remove", removed })).toBe("invalid_proposal");
  });
  test("has no other proposal", async () => {
    const scene = await cast(FOUR);
    const others: Proposal[] = [
      forgeAdd(stranger(scene.crypto, "fay")),
      forgeUpdate(forger(scene.ada)),
      { kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [] },
      { kind: "groupContextExtensions", extensions: [] },
      { kind: "selfRemove" },
      { kind: "custom", type: 0xff01, data: text("x") },
    ];
    for (const proposal of others) expect(broken(scene, {}, proposal)).toBe("invalid_proposal_list");
  });
  test("has nothing by reference but SelfRemove", async () => {
    const scene = await cast(FOUR);
    const psk: Proposal = { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } };
    for (const proposal of [{ kind: "remove" as const, removed: 3 }, psk]) {
      const sent = forgeProposal(forger(scene.ada), proposal);
      hand(scene.bob, sent.message);
      expect(broken(scene, { list: [sent.listed] })).toBe("invalid_proposal_list");
    }
    const leaving = forgeProposal(forger(scene.ada), { kind: "selfRemove" });
    hand(scene.bob, leaving.message);
    expect(broken(scene, { list: [leaving.listed] })).toBe("ok");
  });
  test("has a PSK once", async () => {
    const psk: Proposal = { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } };
    expect(broken(await cast({ ...FOUR, policy: { psk: () => new Uint8Array(32) } }), {}, psk, psk)).toBe("invalid_proposal_list");
  });
});

describe("§12.4.3.2 an external commit", () => {
  test("has a path", async () => {
    expect(broken(await cast(FOUR), { pathless: true })).toBe("invalid_content");
  });
  test("is signed with the key in its path's leaf", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { signWith: scene.ada.state.signaturePrivateKey })).toBe("invalid_signature");
    expect(broken(scene, { signature: flip })).toBe("invalid_signature");
  });
  test("has the sender type new_member_commit", async () => {
    const scene = await cast(FOUR);
    const keys = stranger(scene.crypto).identity.signatureKeys;
    expect(broken(scene, { sender: { kind: "newMemberProposal" }, signWith: keys.privateKey })).toBe("invalid_content");
    expect(broken(scene, { sender: { kind: "external", senderIndex: 0 } })).toBe("invalid_content");
    expect(broken(scene, { sender: { kind: "member", leafIndex: 0 } })).toBe("invalid_signature");
  });
  test("has a path leaf of source commit, signed for the leftmost free leaf", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { leaf: (leaf) => ({ ...leaf, source: { kind: "update" } }) })).toBe("invalid_leaf");
    expect(broken(scene, { leafPosition: { leafIndex: 5 } })).toBe("invalid_signature");
    expect(broken(scene, { leafPosition: { leafIndex: 4 } })).toBe("ok");
    expect(broken(scene, { leafPosition: { leafIndex: 4 } }, { kind: "remove", removed: 2 })).toBe("invalid_signature");
    expect(broken(scene, { leafPosition: { leafIndex: 2 } }, { kind: "remove", removed: 2 })).toBe("ok");
  });
  test("brings keys that nobody has", async () => {
    const scene = await cast(FOUR);
    const { bob, cyn } = scene;
    const asCyn: Client = { ...stranger(scene.crypto), identity: cyn.client.identity };
    const by: Forger = joiner(bob, asCyn);
    expect(verdict(bob, forgeCommit(by))).toBe("duplicate_key");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, { kind: "remove", removed: 2 }) }))).toBe("ok");
    const taken = cyn.state.tree.leaf(0)?.encryptionKey ?? new Uint8Array(0);
    expect(broken(scene, { leaf: (leaf) => ({ ...leaf, encryptionKey: taken }) })).toBe("duplicate_key");
  });
  test("brings another encryption key than the removed leaf had", async () => {
    const scene = await cast(FOUR);
    const old = scene.bob.state.tree.leaf(3)?.encryptionKey ?? new Uint8Array(0);
    const same: CommitForgery = { leaf: (leaf) => ({ ...leaf, encryptionKey: old }) };
    expect(broken(scene, same, { kind: "remove", removed: 3 })).toBe("invalid_leaf");
  });
  test("brings a leaf that supports the group's extensions", async () => {
    const scene = await cast({ ...FOUR, group: { groupExtensions: [{ type: 6, data: new Uint8Array(1) }] } });
    expect(broken(scene, {})).toBe("ok");
    const poor: CommitForgery = { leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [] } }) };
    expect(broken(scene, poor)).toBe("unsupported_capability");
  });
  test("gives the init secret that its KEM output holds", async () => {
    const scene = await cast(FOUR);
    const by = joiner(scene.bob, stranger(scene.crypto));
    const short = forgeCommit(by, {
      commit: (commit) => ({ ...commit, proposals: [{ kind: "proposal", proposal: { kind: "externalInit", kemOutput: text("x") } }] }),
    });
    expect(verdict(scene.bob, short)).toBe("decrypt_failed");
    const other = suiteIn(scene.crypto).hpkeDeriveKeyPair(new Uint8Array(32)).publicKey;
    const wrong = forgeCommit(by, {
      commit: (commit) => ({ ...commit, proposals: [{ kind: "proposal", proposal: { kind: "externalInit", kemOutput: other } }] }),
    });
    expect(verdict(scene.bob, wrong)).toBe("invalid_confirmation_tag");
  });
  test("has the right confirmation tag and path", async () => {
    const scene = await cast(FOUR);
    expect(broken(scene, { confirmationTag: flip })).toBe("invalid_confirmation_tag");
    expect(broken(scene, { pathSecrets: (secrets) => secrets.map(flip) })).toBe("unreadable_path");
    expect(broken(scene, { path: (path) => ({ ...path, nodes: path.nodes.slice(1) }) })).toBe("invalid_path");
  });
});

describe("§5.3.1, §12.2 the joiner's credential", () => {
  test("is shown to the application, with the one it replaces", async () => {
    const scene = await cast(FOUR);
    const seen: CredentialCheck[] = [];
    const policy = { authenticate: (request: CredentialCheck) => (seen.push(request), "accept" as const) };
    const eve = stranger(scene.crypto);
    const by = joiner(scene.bob, eve);
    const leaving = forgeProposal(forger(scene.ada), { kind: "selfRemove" });
    hand(scene.bob, leaving.message);
    const removed = scene.bob.state.tree.leaf(3)?.credential;
    const messages = [
      [],
      [leaving.listed],
      byValue(by, { kind: "remove", removed: 3 }),
      [...byValue(by, { kind: "remove", removed: 3 }), leaving.listed],
    ];
    for (const list of messages) expect(verdict(scene.bob, forgeCommit(by, { list }), policy)).toBe("ok");
    const { credential } = eve.identity;
    const signatureKey = eve.identity.signatureKeys.publicKey;
    const check = (replaces: CredentialCheck["replaces"]): CredentialCheck => ({ credential, signatureKey, purpose: "joiner", replaces });
    expect(seen).toEqual([check(undefined), check(undefined), check(removed), check(removed)]);
    expect(verdict(scene.bob, forgeCommit(by), { authenticate: () => "reject" })).toBe("credential_rejected");
  });
});

describe("§12.4.3.2 the GroupInfo for it", () => {
  test("has an external_pub of the suite", async () => {
    const { crypto, ada } = await cast();
    const { identity, context } = stranger(crypto);
    const stage = stageOf(ada, suiteIn(crypto));
    const outcome = (groupInfo: Uint8Array): string => codeOf(createExternalCommit({ groupInfo, identity }, context));
    expect(outcome(forgeGroupInfo(stage))).toBe("ok");
    expect(outcome(forgeGroupInfo(stage, { noExternalPub: true }))).toBe("invalid_group_info");
    expect(outcome(forgeGroupInfo(stage, { externalPub: () => new Uint8Array(32) }))).toBe("invalid_key");
    expect(outcome(forgeGroupInfo(stage, { externalPub: () => text("x") }))).toBe("invalid_key");
  });
});

describe("SelfRemove (draft-ietf-mls-extensions)", () => {
  test("comes as a PublicMessage", async () => {
    const { ada, bob } = await cast();
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "selfRemove" }).message)).toBe("ok");
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "selfRemove" }, { wireFormat: "privateMessage" }).message)).toBe(
      "invalid_proposal",
    );
  });
  test("is committed by reference only", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const list = byValue(by, { kind: "selfRemove" }).map((item) => ({ ...item, sender: { kind: "member" as const, leafIndex: 2 } }));
    expect(verdict(bob, forgeCommit(by, { list }))).toBe("invalid_proposal_list");
  });
  test("is not committed by who sent it", async () => {
    const { ada, bob } = await cast();
    const sent = forgeProposal(forger(ada), { kind: "selfRemove" });
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("invalid_proposal_list");
  });
  test("does not stand beside a Remove or Update of the same leaf", async () => {
    const { ada, bob, cyn } = await cast();
    const leaving = forgeProposal(forger(cyn), { kind: "selfRemove" });
    const update = forgeProposal(forger(cyn), forgeUpdate(forger(cyn)));
    hand(bob, leaving.message);
    hand(bob, update.message);
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: [leaving.listed, ...byValue(by, { kind: "remove", removed: 2 })] }))).toBe(
      "invalid_proposal_list",
    );
    expect(verdict(bob, forgeCommit(by, { list: [leaving.listed, update.listed] }))).toBe("invalid_proposal_list");
    expect(verdict(bob, forgeCommit(by, { list: [leaving.listed, leaving.listed] }))).toBe("invalid_proposal_list");
    expect(verdict(bob, forgeCommit(by, { list: [leaving.listed] }))).toBe("ok");
  });
  test("needs every member's support", async () => {
    const { ada, bob, cyn } = await cast({ group: { capabilities: { proposals: [] } } });
    const sent = forgeProposal(forger(cyn), { kind: "selfRemove" });
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("unsupported_capability");
  });
  test("is checked by a joiner before it is committed", async () => {
    const { crypto, ada, bob } = await cast();
    const { identity, context } = stranger(crypto);
    const groupInfo = must(exportGroupInfo(bob.state, {}, bob.client.context));
    const outcome = (message: Uint8Array): string => codeOf(createExternalCommit({ groupInfo, identity, selfRemoves: [message] }, context));
    const by = forger(ada);
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }).message)).toBe("ok");
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }, { signature: flip }).message)).toBe("invalid_signature");
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }, { sender: { kind: "member", leafIndex: 9 } }).message)).toBe("unknown_sender");
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }, { epoch: 7n }).message)).toBe("epoch_behind");
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }, { groupId: text("other") }).message)).toBe("wrong_group");
    expect(outcome(forgeProposal(by, { kind: "remove", removed: 2 }).message)).toBe("invalid_content");
    expect(outcome(forgeProposal(by, { kind: "selfRemove" }, { wireFormat: "privateMessage" }).message)).toBe("unsupported_wire_format");
  });
  test("lets its sender out", async () => {
    const { ada, bob, cyn } = await cast();
    const sent = forgeProposal(forger(cyn), { kind: "selfRemove" });
    hand(bob, sent.message);
    hand(ada, sent.message);
    const after = accepted(bob, forgeCommit(forger(ada), { list: [sent.listed] }));
    expect(after.tree.leaf(2)).toBe(undefined);
    expect(
      accepted({ ...cyn, state: { ...cyn.state, proposals: bob.state.proposals } }, forgeCommit(forger(ada), { list: [sent.listed] }))
        .status,
    ).toBe("removed");
  });
});
