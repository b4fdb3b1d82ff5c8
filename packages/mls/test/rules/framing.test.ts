/** RFC 9420 §2.1, §6: framing, signatures, membership tags, padding, sender data. */
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes.ts";
import { Reader } from "../../src/codec/reader.ts";
import { attempt } from "../../src/outcome.ts";
import { basicCredential, createExternalProposal, createProposal, decodeMlsMessage, externalSendersExtension } from "../../src/index.ts";
import { codeOf, must, text } from "../support/clients.ts";
import { byValue, flip, forgeApplication, forgeProposal, type Framing, sign, wrap } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";
import { forgeAdd } from "./forge-key-package.ts";
import { accepted, cast, forger, stranger, verdict } from "./cast.ts";

const PRIVATE: Framing = { wireFormat: "privateMessage" };

describe("§2.1 encoding", () => {
  const zeros = Array.from({ length: 0x3f }, () => 0);
  const read = (bytes: readonly number[], use: (reader: Reader) => unknown): string =>
    codeOf(attempt(() => use(new Reader(Uint8Array.from(bytes)))));

  test("a presence byte is 0 or 1", () => {
    expect(read([1, 7], (r) => r.optional((inner) => inner.u8()))).toBe("ok");
    expect(read([2, 7], (r) => r.optional((inner) => inner.u8()))).toBe("decode_invalid");
  });
  test("a length is in its shortest form", () => {
    expect(read([0x3f, ...zeros], (r) => r.opaque())).toBe("ok");
    expect(read([0x40, 0x3f, ...zeros], (r) => r.opaque())).toBe("decode_non_minimal");
    expect(read([0x80, 0, 0x3f, 0xff], (r) => r.opaque())).toBe("decode_non_minimal");
  });
  test("a length does not begin with the bits 11", () => {
    expect(read([0xc0, 0, 0, 0], (r) => r.opaque())).toBe("decode_invalid");
  });
});

describe("§6 framing", () => {
  test("forgeries without a change are good", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    expect(verdict(bob, forgeApplication(by, text("hello")))).toBe("ok");
    for (const framing of [{}, PRIVATE]) {
      expect(verdict(bob, forgeProposal(by, { kind: "remove", removed: 2 }, framing).message)).toBe("ok");
      expect(verdict(bob, forgeCommit(by, framing))).toBe("ok");
    }
  });
  test("the version is MLS 1.0", async () => {
    const { ada, bob } = await cast();
    const message = forgeCommit(forger(ada)).slice();
    message[1] = 2;
    expect(verdict(bob, message)).toBe("unsupported_version");
  });
  test("an unknown wire format is refused", async () => {
    const { ada, bob } = await cast();
    const message = forgeCommit(forger(ada)).slice();
    message[3] = 9;
    expect(verdict(bob, message)).toBe("unsupported_wire_format");
  });
  test("application data does not come in a PublicMessage", async () => {
    const { ada, bob } = await cast();
    expect(verdict(bob, forgeApplication(forger(ada), text("in clear"), { wireFormat: "publicMessage" }))).toBe("invalid_content");
  });
  test("the message is for this group", async () => {
    const { ada, bob } = await cast();
    for (const framing of [{}, PRIVATE]) {
      expect(verdict(bob, forgeCommit(forger(ada), { ...framing, groupId: text("other") }))).toBe("wrong_group");
    }
  });
});

describe("§6.1 content authentication", () => {
  test("a member signs with the key of its leaf", async () => {
    const { ada, bob, cyn } = await cast();
    const signWith = cyn.state.signaturePrivateKey;
    for (const framing of [{ signWith }, { signWith, ...PRIVATE }]) {
      expect(verdict(bob, forgeCommit(forger(ada), framing))).toBe("invalid_signature");
      expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing).message)).toBe("invalid_signature");
    }
    expect(verdict(bob, forgeApplication(forger(ada), text("x"), { signWith }))).toBe("invalid_signature");
  });
  test("a signature that was changed is refused", async () => {
    const { ada, bob } = await cast();
    expect(verdict(bob, forgeCommit(forger(ada), { signature: flip }))).toBe("invalid_signature");
    expect(verdict(bob, forgeCommit(forger(ada), { signature: () => new Uint8Array(0) }))).toBe("invalid_signature");
    expect(verdict(bob, forgeApplication(forger(ada), text("x"), { signature: flip }))).toBe("invalid_signature");
  });
  test("the signature covers the wire format", async () => {
    const { ada, bob } = await cast();
    const content = sign(forger(ada), { kind: "proposal", proposal: { kind: "remove", removed: 2 } }, PRIVATE);
    expect(verdict(bob, wrap(forger(ada), { ...content, wireFormat: 1 }))).toBe("invalid_signature");
  });
  test("the sender is a member", async () => {
    const { ada, bob } = await cast();
    const framing: Framing = { sender: { kind: "member", leafIndex: 3 } };
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing).message)).toBe("unknown_sender");
    const far: Framing = { sender: { kind: "member", leafIndex: 0xffffffff } };
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, far).message)).toBe("unknown_sender");
  });
  test("an external sender is listed in the group", async () => {
    const { crypto, ada, bob } = await cast();
    const eve = stranger(crypto);
    const framing: Framing = { sender: { kind: "external", senderIndex: 0 }, signWith: eve.identity.signatureKeys.privateKey };
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing).message)).toBe("unknown_sender");
  });
  test("an external sender signs with its listed key", async () => {
    const eve = stranger((await cast()).crypto);
    const { publicKey } = eve.identity.signatureKeys;
    const groupExtensions = [externalSendersExtension([{ signatureKey: publicKey, credential: basicCredential(text("eve")) }])];
    const { ada, bob } = await cast({ group: { groupExtensions } });
    const proposal = { kind: "remove" as const, removed: 2 };
    const { signatureKeys } = eve.identity;
    const good = must(createExternalProposal({ group: ada.state.context, proposal, signatureKeys }, eve.context));
    expect(verdict(bob, good)).toBe("ok");
    const sender = { kind: "external" as const, senderIndex: 0 };
    expect(verdict(bob, forgeProposal(forger(ada), proposal, { sender }).message)).toBe("invalid_signature");
  });
  test("an external sender sends proposals only", async () => {
    const eve = stranger((await cast()).crypto);
    const { publicKey, privateKey } = eve.identity.signatureKeys;
    const groupExtensions = [externalSendersExtension([{ signatureKey: publicKey, credential: basicCredential(text("eve")) }])];
    const { ada, bob } = await cast({ group: { groupExtensions } });
    const framing: Framing = { sender: { kind: "external", senderIndex: 0 }, signWith: privateKey };
    expect(verdict(bob, forgeCommit(forger(ada), framing))).toBe("invalid_content");
  });
  test("new_member_commit sends a commit with a path only", async () => {
    const { ada, bob } = await cast();
    const framing: Framing = { sender: { kind: "newMemberCommit" } };
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing).message)).toBe("invalid_content");
    expect(verdict(bob, forgeCommit(forger(ada), { ...framing, pathless: true }))).toBe("invalid_content");
  });
  test("new_member_proposal sends an Add only", async () => {
    const { crypto, ada, bob } = await cast();
    const eve = stranger(crypto);
    const framing: Framing = { sender: { kind: "newMemberProposal" }, signWith: eve.identity.signatureKeys.privateKey };
    expect(verdict(bob, forgeProposal(forger(ada), forgeAdd(eve), framing).message)).toBe("ok");
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing).message)).toBe("invalid_content");
    expect(verdict(bob, forgeCommit(forger(ada), framing))).toBe("invalid_content");
  });
  test("new_member_proposal is signed with the key in the key package", async () => {
    const { crypto, ada, bob } = await cast();
    const framing: Framing = { sender: { kind: "newMemberProposal" } };
    expect(verdict(bob, forgeProposal(forger(ada), forgeAdd(stranger(crypto)), framing).message)).toBe("invalid_signature");
  });
  test("the confirmation tag verifies", async () => {
    const { ada, bob } = await cast();
    for (const framing of [{}, PRIVATE]) {
      expect(verdict(bob, forgeCommit(forger(ada), { ...framing, confirmationTag: flip }))).toBe("invalid_confirmation_tag");
      expect(verdict(bob, forgeCommit(forger(ada), { ...framing, confirmationTag: () => new Uint8Array(0) }))).toBe(
        "invalid_confirmation_tag",
      );
    }
  });
});

describe("§6.2 PublicMessage", () => {
  test("the membership tag verifies", async () => {
    const { ada, bob } = await cast();
    expect(verdict(bob, forgeCommit(forger(ada), { membershipTag: flip }))).toBe("invalid_membership_tag");
    const remove = { kind: "remove" as const, removed: 2 };
    expect(verdict(bob, forgeProposal(forger(ada), remove, { membershipTag: flip }).message)).toBe("invalid_membership_tag");
    const cut = (tag: Uint8Array): Uint8Array => tag.subarray(0, 31);
    expect(verdict(bob, forgeProposal(forger(ada), remove, { membershipTag: cut }).message)).toBe("invalid_membership_tag");
  });
  test("the membership tag is of this epoch and covers the confirmation tag", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const content = sign(by, {
      kind: "commit",
      commit: {
        proposals: byValue(by, { kind: "remove", removed: 2 }).map(({ proposal }) => ({ kind: "proposal", proposal })),
        path: undefined,
      },
    });
    const decoded = must(decodeMlsMessage(wrap(by, { ...content, auth: { ...content.auth, confirmationTag: new Uint8Array(32) } })));
    const membershipTag = decoded.kind === "publicMessage" ? (decoded.message.membershipTag ?? new Uint8Array(0)) : new Uint8Array(0);
    const other = { ...content, auth: { ...content.auth, confirmationTag: new Uint8Array(32).fill(1) } };
    expect(verdict(bob, wrap(by, other, { membershipTag: () => membershipTag }))).toBe("invalid_membership_tag");
  });
});

describe("§6.3 PrivateMessage", () => {
  test("the padding is zero", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const pad = (last: number) => ({
      ...PRIVATE,
      plaintext: (content: Uint8Array) => concat(content, new Uint8Array(9), Uint8Array.of(last)),
    });
    expect(verdict(bob, forgeApplication(by, text("x"), pad(0)))).toBe("ok");
    expect(verdict(bob, forgeApplication(by, text("x"), pad(1)))).toBe("invalid_padding");
    expect(verdict(bob, forgeProposal(by, { kind: "remove", removed: 2 }, pad(1)).message)).toBe("invalid_padding");
    expect(verdict(bob, forgeCommit(by, pad(1)))).toBe("invalid_padding");
  });
  test("the sender data names a leaf that is not blank", async () => {
    const { ada, bob } = await cast();
    for (const leafIndex of [3, 4, 0x7fffffff, 0xffffffff]) {
      expect(verdict(bob, forgeApplication(forger(ada), text("x"), { senderData: (data) => ({ ...data, leafIndex }) }))).toBe(
        "unknown_sender",
      );
    }
  });
  test("the content opens with the key of the sender and generation that are named", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    expect(verdict(bob, forgeApplication(by, text("x"), { senderData: (data) => ({ ...data, leafIndex: 2 }) }))).toBe("decrypt_failed");
    expect(verdict(bob, forgeApplication(by, text("x"), { senderData: (data) => ({ ...data, generation: 1 }) }))).toBe("decrypt_failed");
  });
  test("the AAD covers what is sent in clear", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const spoil = (privateMessage: Framing["privateMessage"]): string =>
      verdict(bob, forgeApplication(by, text("x"), { ...PRIVATE, ...(privateMessage && { privateMessage }) }));
    expect(spoil((message) => ({ ...message, authenticatedData: text("other") }))).toBe("decrypt_failed");
    expect(spoil((message) => ({ ...message, contentKind: "commit" }))).toBe("decrypt_failed");
    expect(spoil((message) => ({ ...message, ciphertext: flip(message.ciphertext) }))).toBe("decrypt_failed");
    expect(spoil((message) => ({ ...message, encryptedSenderData: flip(message.encryptedSenderData) }))).toBe("decrypt_failed");
    expect(spoil((message) => ({ ...message, ciphertext: new Uint8Array(0) }))).toBe("decrypt_failed");
  });
  test("sender data is exactly a SenderData", async () => {
    const { ada, bob } = await cast();
    const message = forgeApplication(forger(ada), text("x"), {
      privateMessage: (m) => ({ ...m, encryptedSenderData: m.encryptedSenderData.subarray(1) }),
    });
    expect(verdict(bob, message)).toBe("decrypt_failed");
  });
});

describe("§12.1 epochs of handshake messages", () => {
  test("a proposal or commit is of the present epoch", async () => {
    const { ada, bob, cyn } = await cast();
    const before = forger(ada);
    const late = must(createProposal(ada.state, { proposal: { kind: "remove", removed: 2 } }, ada.client.context));
    const commit = forgeCommit(forger(cyn));
    const ahead = accepted(bob, commit);
    for (const framing of [{}, PRIVATE]) {
      expect(verdict({ ...bob, state: ahead }, forgeProposal(before, { kind: "remove", removed: 2 }, framing).message)).toBe(
        "epoch_behind",
      );
      expect(verdict({ ...bob, state: ahead }, forgeCommit(before, framing))).toBe("epoch_behind");
      expect(verdict(bob, forgeCommit(before, { ...framing, epoch: before.state.context.epoch + 1n }))).toBe("epoch_ahead");
    }
    expect(verdict({ ...bob, state: ahead }, late.message)).toBe("epoch_behind");
  });
});
