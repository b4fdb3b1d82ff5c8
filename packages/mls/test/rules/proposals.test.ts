/** RFC 9420 §12.1: what single proposals must be, on their own and in a commit, and who may send them. */
import { describe, expect, test } from "vitest";
import {
  appDataDictionaryExtension,
  basicCredential,
  COMPONENT,
  createExternalProposal,
  EXTENSION,
  externalSendersExtension,
  type Proposal,
  requiredCapabilitiesExtension,
} from "../../src/index.ts";
import { concat } from "../../src/bytes.ts";
import { codeOf, text } from "../support/clients.ts";
import { cast, type Cast, type CastOptions, forger, hand, stranger, verdict } from "./cast.ts";
import { byValue, forgeProposal, type Framing } from "./forge.ts";
import { forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd } from "./forge-key-package.ts";

const CUSTOM = 0xff01;

/** What Bob says to a proposal of Ada's: as a message, and by value in a commit. */
function both({ ada, bob }: Cast, proposal: Proposal): string[] {
  const by = forger(ada);
  return [verdict(bob, forgeProposal(by, proposal).message), verdict(bob, forgeCommit(by, { list: byValue(by, proposal) }))];
}

function twice(code: string): string[] {
  return [code, code];
}

describe("§12.1.3 Remove", () => {
  test("names a leaf that is not blank", async () => {
    const scene = await cast();
    expect(both(scene, { kind: "remove", removed: 2 })).toEqual(twice("ok"));
    for (const removed of [3, 4, 0x7fffffff, 0xffffffff])
      expect(both(scene, { kind: "remove", removed })).toEqual(twice("invalid_proposal"));
  });
});

describe("§12.1.5 ReInit", () => {
  const reinit = (version: number): Proposal => ({ kind: "reinit", groupId: text("next"), version, suiteId: 1, extensions: [] });
  test("does not go back in versions", async () => {
    const scene = await cast();
    expect(both(scene, reinit(1))).toEqual(twice("ok"));
    expect(both(scene, reinit(2))).toEqual(twice("ok"));
    expect(both(scene, reinit(0))).toEqual(twice("invalid_proposal"));
  });
});

describe("§12.1.6 ExternalInit", () => {
  test("does not come from a member", async () => {
    const scene = await cast();
    expect(both(scene, { kind: "externalInit", kemOutput: new Uint8Array(32).fill(9) })).toEqual(twice("invalid_proposal"));
  });
});

describe("§12.1.7 GroupContextExtensions", () => {
  const change = (...extensions: { type: number; data: Uint8Array }[]): Proposal => ({ kind: "groupContextExtensions", extensions });
  const commitOnly = ({ ada, bob }: Cast, proposal: Proposal): string => {
    const by = forger(ada);
    return verdict(bob, forgeCommit(by, { list: byValue(by, proposal) }));
  };
  test("requires nothing that a member does not support", async () => {
    const scene = await cast();
    const none = { extensions: [], proposals: [], credentials: [] };
    for (const required of [
      { ...none, extensions: [CUSTOM] },
      { ...none, proposals: [CUSTOM] },
      { ...none, credentials: [2] },
    ]) {
      expect(commitOnly(scene, change(requiredCapabilitiesExtension(required)))).toBe("unsupported_capability");
    }
    expect(commitOnly(scene, change(requiredCapabilitiesExtension({ extensions: [6], proposals: [10], credentials: [1] })))).toBe("ok");
  });
  test("requires nothing that a member does not support, by reference", async () => {
    const { ada, bob } = await cast();
    const extensions = [requiredCapabilitiesExtension({ extensions: [CUSTOM], proposals: [], credentials: [] })];
    const sent = forgeProposal(forger(ada), { kind: "groupContextExtensions", extensions });
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("unsupported_capability");
  });
  test("holds no extension that a member does not support", async () => {
    expect(commitOnly(await cast(), change({ type: CUSTOM, data: text("x") }))).toBe("unsupported_capability");
  });
  test("counts who is added and not who is removed", async () => {
    const capable = { capabilities: { extensions: [CUSTOM, EXTENSION.appDataDictionary] } };
    const { crypto, ada, bob } = await cast({ group: capable });
    const by = forger(ada);
    const list = (...proposals: readonly Proposal[]): string => verdict(bob, forgeCommit(by, { list: byValue(by, ...proposals) }));
    const required = change(requiredCapabilitiesExtension({ extensions: [6], proposals: [], credentials: [] }));
    const poor = forgeAdd(stranger(crypto), { options: { capabilities: { extensions: [] } } });
    expect(list(poor)).toBe("ok");
    expect(list(required, poor)).toBe("unsupported_capability");
    expect(list(poor, required)).toBe("unsupported_capability");
  });
  test("is read where this engine knows the content", async () => {
    const scene = await cast();
    const broken = (type: number, data: Uint8Array): string[] => both(scene, change({ type, data }));
    expect(broken(EXTENSION.requiredCapabilities, text("x"))).toEqual(twice("decode_truncated"));
    expect(broken(EXTENSION.externalSenders, Uint8Array.of(2, 0))).toEqual(twice("decode_truncated"));
    expect(broken(EXTENSION.appDataDictionary, Uint8Array.of(6, 0, 2, 0, 0, 1, 0))).toEqual(twice("decode_invalid"));
    const { data } = appDataDictionaryExtension([{ componentId: COMPONENT.safeAad, data: Uint8Array.of(0) }]);
    expect(broken(EXTENSION.appDataDictionary, concat(data, Uint8Array.of(0)))).toEqual(twice("decode_trailing"));
    expect(broken(EXTENSION.appDataDictionary, data)).toEqual(twice("ok"));
  });
  test("has no extension type twice", async () => {
    const scene = await cast();
    expect(both(scene, change({ type: 1, data: text("x") }, { type: 1, data: text("y") }))).toEqual(twice("decode_invalid"));
  });
});

describe("§12.1.8 external proposals", () => {
  async function withSender(
    options: CastOptions = {},
  ): Promise<Cast & { readonly framing: Framing; readonly send: (proposal: Proposal) => string }> {
    const eve = stranger((await cast()).crypto);
    const { publicKey, privateKey } = eve.identity.signatureKeys;
    const groupExtensions = [externalSendersExtension([{ signatureKey: publicKey, credential: basicCredential(text("eve")) }])];
    const scene = await cast({ ...options, group: { groupExtensions, ...options.group } });
    const framing: Framing = { sender: { kind: "external", senderIndex: 0 }, signWith: privateKey };
    return { ...scene, framing, send: (proposal) => verdict(scene.bob, forgeProposal(forger(scene.ada), proposal, framing).message) };
  }

  test("of a listed sender may be Add, Remove, PreSharedKey, ReInit and GroupContextExtensions", async () => {
    const { crypto, send } = await withSender();
    expect(send(forgeAdd(stranger(crypto, "fay")))).toBe("ok");
    expect(send({ kind: "remove", removed: 2 })).toBe("ok");
    expect(send({ kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } })).toBe("ok");
    expect(send({ kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [] })).toBe("ok");
    expect(send({ kind: "groupContextExtensions", extensions: [] })).toBe("ok");
  });
  test("of a listed sender are nothing else", async () => {
    const { ada, send } = await withSender();
    expect(send(forgeUpdate(forger(ada)))).toBe("invalid_proposal");
    expect(send({ kind: "externalInit", kemOutput: new Uint8Array(32).fill(9) })).toBe("invalid_proposal");
    expect(send({ kind: "selfRemove" })).toBe("invalid_proposal");
  });
  test("of a custom type are for the application to allow", async () => {
    const custom = { kind: "custom" as const, type: CUSTOM, data: text("x") };
    expect((await withSender()).send(custom)).toBe("invalid_proposal");
    expect((await withSender({ policy: { externalProposalTypes: [CUSTOM] } })).send(custom)).toBe("ok");
  });
  test("are committed as the sender made them", async () => {
    const { ada, bob, framing } = await withSender();
    const sent = forgeProposal(forger(ada), { kind: "remove", removed: 2 }, framing);
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("ok");
  });
  test("need a sender at the index that is named", async () => {
    const { ada, bob, framing } = await withSender();
    const sender = { kind: "external" as const, senderIndex: 1 };
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, { ...framing, sender }).message)).toBe("unknown_sender");
  });
  test("are not made here by who is not listed", async () => {
    const { crypto, ada } = await cast();
    const { identity, context } = stranger(crypto);
    const options = { group: ada.state.context, proposal: { kind: "remove" as const, removed: 2 }, signatureKeys: identity.signatureKeys };
    expect(codeOf(createExternalProposal(options, context))).toBe("usage");
  });
});

describe("§12.1 by reference", () => {
  test("a proposal is one that was received in this epoch", async () => {
    const { ada, bob, cyn } = await cast();
    const sent = forgeProposal(forger(ada), { kind: "remove", removed: 2 });
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("unknown_proposal");
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(forger(ada), { list: [sent.listed] }))).toBe("ok");
    const commit = forgeCommit(forger(cyn));
    hand(bob, commit);
    expect(bob.state.proposals).toEqual([]);
  });
});
