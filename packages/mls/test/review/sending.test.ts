/** What a receiver would refuse is not sent, and what the caller got wrong is an outcome and no exception. */
import { describe, expect, test } from "vitest";
import {
  appDataDictionaryExtension,
  type Capabilities,
  COMPONENT,
  createCommit,
  createExternalProposal,
  createGroup,
  createJoinProposal,
  createKeyPackage,
  createProposal,
  createSuccessor,
  decodeMlsMessage,
  decodeSafeAad,
  decodeState,
  encodeMlsMessage,
  encodeState,
  exportGroupInfo,
  exportSecret,
  type Extension,
  EXTENSION,
  externalSendersExtension,
  type GroupState,
  isLastResort,
  joinGroup,
  type KeyPackage,
  type LeafChange,
  members,
  type Policy,
  type Proposal,
  receiveMessage,
  sealMessage,
  SUITE,
} from "../../src/index.ts";
import { codeOf, groupOf, keyPackageOf, must, NOW, text } from "../support/clients.ts";
import type { ReInit } from "../../src/structs/proposal.ts";
import { forgeCommit } from "../rules/forge-commit.ts";
import { forgeApplication, byValue } from "../rules/forge.ts";
import { forgeAdd } from "../rules/forge-key-package.ts";
import { cast, type Cast, forger, stranger, under, verdict } from "../rules/cast.ts";

const REINIT: ReInit = { kind: "reinit", groupId: text("next"), version: 1, suiteId: SUITE.x25519Aes128, extensions: [] };
const none: Extension = { type: EXTENSION.externalSenders, data: Uint8Array.of(0) };
const TOO_LONG = new Uint8Array(17 << 20);

const tried = (work: () => Parameters<typeof codeOf>[0]): string => {
  try {
    return codeOf(work());
  } catch (error) {
    return `threw ${String(error)}`;
  }
};

/** What Ada's leaf says of its program. */
function capabilitiesOf({ ada }: Cast): Capabilities {
  const [first] = members(ada.state);
  if (first === undefined) throw new Error("a leaf");
  return first.leaf.capabilities;
}

/** Ada's identity with a private key that is not hers. */
function withKey({ ada }: Cast, privateKey: Uint8Array): LeafChange {
  const { credential, signatureKeys } = ada.client.identity;
  return { identity: { credential, signatureKeys: { ...signatureKeys, privateKey } } };
}

describe("a member does not send", () => {
  const leaves: readonly (readonly [name: string, code: string, change: (scene: Cast) => LeafChange])[] = [
    ["without its suite", "invalid_leaf", (scene) => ({ capabilities: { ...capabilitiesOf(scene), suites: [] } })],
    ["with an extension that it does not list", "invalid_leaf", () => ({ extensions: [{ type: 0xff07, data: text("") }] })],
    ["with two extensions of a type", "usage", () => ({ extensions: [1, 1].map((type) => ({ type, data: text("") })) })],
    ["with another's private key", "invalid_key", (scene) => withKey(scene, scene.bob.client.identity.signatureKeys.privateKey)],
    ["with half a private key", "invalid_key", (scene) => withKey(scene, new Uint8Array(5))],
  ];
  test.each(leaves)("a leaf %s", async (_name, code, change) => {
    const scene = await cast();
    const { ada } = scene;
    const leaf = change(scene);
    expect(tried(() => createCommit(ada.state, { leaf }, ada.client.context))).toBe(code);
    expect(tried(() => createProposal(ada.state, { proposal: { kind: "update", leaf } }, ada.client.context))).toBe(code);
  });

  const reinits: readonly (readonly [string, string, Partial<ReInit>])[] = [
    ["to an older version", "invalid_proposal", { version: 0 }],
    ["to a version that it does not know", "unsupported_version", { version: 2 }],
    ["to a suite that it does not have", "unsupported_suite", { suiteId: 0x7777 }],
    ["to a group with an id that nobody takes", "limit_exceeded", { groupId: new Uint8Array(300) }],
  ];
  test.each(reinits)("a ReInit %s", async (_name, code, change) => {
    const { ada } = await cast();
    const proposal = { ...REINIT, ...change };
    expect(tried(() => createCommit(ada.state, { proposals: [proposal] }, ada.client.context))).toBe(code);
    expect(tried(() => createProposal(ada.state, { proposal }, ada.client.context))).toBe(code);
  });

  test("messages that are longer than any receiver takes", async () => {
    const { ada } = await cast();
    const { context } = ada.client;
    expect(tried(() => sealMessage(ada.state, { data: TOO_LONG }, context))).toBe("limit_exceeded");
    expect(tried(() => createCommit(ada.state, { authenticatedData: TOO_LONG }, context))).toBe("limit_exceeded");
    const proposal = { kind: "remove" as const, removed: 1 };
    expect(tried(() => createProposal(ada.state, { proposal, authenticatedData: TOO_LONG }, context))).toBe("limit_exceeded");
    for (const padding of [1e12, Number.NaN, -1, 0.5]) {
      expect(tried(() => sealMessage(ada.state, { data: text("x") }, under(ada.client, { paddingBytes: () => padding })))).toBe("usage");
    }
  });

  test("more PSKs than a Welcome may name, and nobody takes more", async () => {
    const { crypto, ada, bob } = await cast();
    const psks = (count: number): Proposal[] =>
      Array.from({ length: count }, (_, i) => ({ kind: "psk", psk: { kind: "external", id: text(`k${i}`), nonce: new Uint8Array(32) } }));
    const policy = { psk: () => new Uint8Array(32) };
    const eve = stranger(crypto);
    const own = keyPackageOf(eve);
    const add = { kind: "add" as const, keyPackage: own.keyPackage };
    const made = must(createCommit(ada.state, { proposals: [...psks(256), add] }, under(ada.client, policy)));
    expect(codeOf(joinGroup({ welcome: made.welcome ?? text(""), keyPackages: [own] }, under(eve, policy)))).toBe("ok");
    expect(codeOf(createCommit(ada.state, { proposals: psks(257) }, under(ada.client, policy)))).toBe("limit_exceeded");
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...psks(257)) }), policy)).toBe("limit_exceeded");
  });

  test("a GroupInfo with two extensions of a type", async () => {
    const { crypto, ada } = await cast();
    const extensions = [{ type: EXTENSION.ratchetTree, data: text("") }];
    expect(codeOf(exportGroupInfo(ada.state, { extensions }, ada.client.context))).toBe("usage");
    const proposals = [{ kind: "add" as const, keyPackage: keyPackageOf(stranger(crypto)).keyPackage }];
    expect(codeOf(createCommit(ada.state, { proposals, groupInfo: { extensions } }, ada.client.context))).toBe("usage");
  });
});

describe("a group is not made", () => {
  test.each<[string, Extension[]]>([
    ["with two extensions of a type", [none, none]],
    ["with an extension that cannot be read", [{ ...none, data: Uint8Array.of(9) }]],
  ])("%s", async (_name, groupExtensions) => {
    const { ada } = await cast();
    const { identity, suiteId, context } = ada.client;
    expect(tried(() => createGroup({ suiteId, identity, groupId: text("g"), groupExtensions }, context))).toMatch(/^decode_/);
    expect(codeOf(decodeState(encodeState(groupOf(ada.client, { groupExtensions: [none] }))))).toBe("ok");
  });

  test("with an id that is too long", async () => {
    const { ada } = await cast();
    const { identity, suiteId, context } = ada.client;
    expect(tried(() => createGroup({ suiteId, identity, groupId: new Uint8Array(256) }, context))).toBe("usage");
  });
});

describe("a key package", () => {
  const dictionary = appDataDictionaryExtension([{ componentId: 0x8001, data: Uint8Array.of(1) }]);
  const decoded = (keyPackage: KeyPackage): string => codeOf(decodeMlsMessage(encodeMlsMessage({ kind: "keyPackage", keyPackage })));

  test("of last resort keeps the dictionary that it has", async () => {
    const { ada } = await cast();
    const { keyPackage } = keyPackageOf(ada.client, { lastResort: true, extensions: [dictionary] });
    expect(decoded(keyPackage)).toBe("ok");
    expect(isLastResort(keyPackage)).toBe(true);
    expect(keyPackage.extensions).toHaveLength(1);
  });

  test("is not made when nobody could read it", async () => {
    const { ada } = await cast();
    const { identity, suiteId, context } = ada.client;
    expect(codeOf(createKeyPackage({ suiteId, identity, extensions: [none, none] }, context))).toBe("usage");
    const lifetimes = [
      { notBefore: 5n, notAfter: 4n },
      { notBefore: -1n, notAfter: 4n },
      { notBefore: 0n, notAfter: 1n << 64n },
    ];
    for (const lifetime of lifetimes) expect(tried(() => createKeyPackage({ suiteId, identity, lifetime }, context))).toBe("usage");
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) {
      expect(tried(() => createKeyPackage({ suiteId, identity }, { ...context, now }))).toBe("usage");
    }
  });

  test("is valid no longer than the application allows, and never ends before it begins", async () => {
    const { crypto, ada, bob } = await cast();
    const eve = stranger(crypto);
    const span = (notBefore: bigint, notAfter: bigint): Proposal =>
      forgeAdd(eve, { leaf: (leaf) => ({ ...leaf, source: { kind: "keyPackage", lifetime: { notBefore, notAfter } } }) });
    const by = forger(ada);
    const policy: Partial<Policy> = { lifetimeSecondsMax: 1_000 };
    const now = BigInt(NOW);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, span(now, now + 1_000n)) }), policy)).toBe("ok");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, span(now, now + 1_001n)) }), policy)).toBe("lifetime");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, span(now, now - 1n)) }))).toBe("lifetime");
    const options = { suiteId: eve.suiteId, identity: eve.identity };
    expect(codeOf(createKeyPackage(options, under(eve, policy)))).toBe("lifetime");
  });

  test("lists no type that everybody supports", async () => {
    const { ada } = await cast();
    const given = { extensions: [1, 5, 6, 0xff01], proposals: [1, 7, 10] };
    const { capabilities } = keyPackageOf(ada.client, { capabilities: given }).keyPackage.leafNode;
    expect([capabilities.extensions, capabilities.proposals]).toEqual([[6, 0xff01], [10]]);
    const leaf = { capabilities: { ...capabilities, ...given } };
    const { next } = must(createCommit(ada.state, { leaf }, ada.client.context));
    expect(members(next)[0]?.leaf.capabilities.extensions).toEqual([6, 0xff01]);
  });

  test("is of last resort by an empty mark, and a dictionary names no component twice", async () => {
    const { ada } = await cast();
    const mark = (data: Uint8Array): Extension => appDataDictionaryExtension([{ componentId: COMPONENT.lastResortKeyPackage, data }]);
    const made = (extension: Extension): KeyPackage => keyPackageOf(ada.client, { extensions: [extension] }).keyPackage;
    expect([isLastResort(made(mark(text("")))), isLastResort(made(mark(text("x"))))]).toEqual([true, false]);
    const twice = [1, 1].map((componentId) => ({ componentId, data: text("") }));
    expect(() => appDataDictionaryExtension(twice)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("a sender outside the group", () => {
  test("makes no proposal that the group would refuse, and signs with its own key", async () => {
    const { crypto, ada } = await cast();
    const service = stranger(crypto, "service");
    const { credential, signatureKeys } = service.identity;
    const groupExtensions = [externalSendersExtension([{ signatureKey: signatureKeys.publicKey, credential }])];
    const { context: group } = groupOf(ada.client, { groupExtensions });
    const leaf = members(ada.state)[0]?.leaf;
    if (leaf === undefined) throw new Error("a leaf");
    const wrong: Proposal[] = [{ kind: "selfRemove" }, { kind: "update", leafNode: leaf }, { kind: "externalInit", kemOutput: text("x") }];
    for (const proposal of wrong) {
      expect(codeOf(createExternalProposal({ group, proposal, signatureKeys }, service.context))).toBe("invalid_proposal");
    }
    const proposal: Proposal = { kind: "remove", removed: 0 };
    const short = { ...signatureKeys, privateKey: new Uint8Array(5) };
    expect(tried(() => createExternalProposal({ group, proposal, signatureKeys: short }, service.context))).toBe("invalid_key");
    const { keyPackage } = keyPackageOf(service);
    const options = { group, keyPackage, signaturePrivateKey: new Uint8Array(5) };
    expect(tried(() => createJoinProposal(options, service.context))).toBe("invalid_key");
  });
});

test("no successor is made in a version that this engine does not speak", async () => {
  const { ada } = await cast();
  const closed: GroupState = { ...ada.state, status: "closed", reinit: { ...REINIT, version: 2 } };
  const options = { identity: ada.client.identity, keyPackages: [] };
  expect(codeOf(createSuccessor(closed, options, ada.client.context))).toBe("unsupported_version");
});

test("in a group with Safe AAD each message is framed, and one that is not is refused", async () => {
  const groupExtensions = [appDataDictionaryExtension([{ componentId: COMPONENT.safeAad, data: Uint8Array.of(0) }])];
  const { ada, bob } = await cast({ group: { groupExtensions } });
  const { message } = must(sealMessage(ada.state, { data: text("x") }, ada.client.context));
  const { authenticatedData } = must(receiveMessage(bob.state, message, bob.client.context));
  expect(must(decodeSafeAad(authenticatedData))).toEqual({ items: [], rest: new Uint8Array(0) });
  const authenticated = { authenticatedData: text("not framed") };
  expect(codeOf(sealMessage(ada.state, { data: text("x"), ...authenticated }, ada.client.context))).toBe("usage");
  expect(codeOf(createCommit(ada.state, authenticated, ada.client.context))).toBe("usage");
  expect(verdict(bob, forgeApplication(forger(ada), text("x")))).toBe("invalid_content");
  expect(verdict(bob, forgeCommit(forger(ada)))).toBe("invalid_content");
  expect(verdict(bob, must(createCommit(ada.state, {}, ada.client.context)).message)).toBe("ok");
  const { keyPackage, secrets } = keyPackageOf(ada.client);
  const { signaturePrivateKey } = secrets;
  expect(codeOf(createJoinProposal({ group: ada.state.context, keyPackage, signaturePrivateKey }, ada.client.context))).toBe("ok");
});

test("labels of exported secrets are ASCII, so that no two are the same", async () => {
  const { ada } = await cast();
  const exported = (label: string) => exportSecret(ada.state, { label, context: text(""), length: 16 }, ada.client.context);
  expect(["A", "\u0141", "\u{1F600}", "\n"].map((label) => codeOf(exported(label)))).toEqual(["ok", "usage", "usage", "usage"]);
});

test("numbers of the policy are counts, and what is undefined is the default", async () => {
  const { ada, bob } = await cast();
  const { message } = must(sealMessage(bob.state, { data: text("x") }, bob.client.context));
  for (const wrong of [-1, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
    expect(verdict(ada, message, { skippedKeys: wrong })).toBe("usage");
    expect(verdict(ada, message, { forwardGenerations: wrong })).toBe("usage");
    expect(codeOf(createCommit(ada.state, {}, under(ada.client, { pastEpochs: wrong })))).toBe("usage");
    expect(codeOf(createCommit(ada.state, {}, under(ada.client, { resumptionEpochs: wrong })))).toBe("usage");
  }
  const unset = { pastEpochs: undefined, paddingBytes: undefined, skippedKeys: undefined } as unknown as Partial<Policy>;
  expect(codeOf(createCommit(ada.state, {}, under(ada.client, unset)))).toBe("ok");
  expect(verdict(ada, message, unset)).toBe("ok");
});
