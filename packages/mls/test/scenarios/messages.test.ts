/** What a message carries beside its text: padding, authenticated data, and evidence of who wrote it; and what no one knows yet. */
import { expect, test } from "vitest";
import {
  appDataDictionaryExtension,
  COMPONENT,
  createCommit,
  decodeMlsMessage,
  decodeSafeAad,
  encodeSafeAad,
  type Evidence,
  receiveMessage,
  sealMessage,
  usesSafeAad,
  verifyEvidence,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, say, type Seat, text } from "../support/clients.ts";
import { accept, client, commit, epochOf, join, trio, under } from "./cast.ts";

function ciphertextLength(message: Uint8Array): number {
  const decoded = must(decodeMlsMessage(message));
  return decoded.kind === "privateMessage" ? decoded.message.ciphertext.length : 0;
}

test("padding makes messages of one length, and is gone when they are opened", async () => {
  const { ada, bob } = await trio();
  const context = under(ada, { paddingBytes: (length) => (256 - (length % 256)) % 256 });
  const sealed = [1, 20, 100].map((length) => {
    const result = must(sealMessage(ada.state, { data: new Uint8Array(length).fill(7) }, context));
    ada.state = result.state;
    return result.message;
  });
  expect(new Set(sealed.map(ciphertextLength)).size).toBe(1);
  const lengths = sealed.flatMap((message) => deliver([bob], message)).map((seen) => seen.kind === "application" && seen.data.length);
  expect(lengths).toEqual([1, 20, 100]);
  expect(codeOf(sealMessage(ada.state, { data: text("x") }, under(ada, { paddingBytes: () => -1 })))).toBe("usage");
});

test("commits are padded too", async () => {
  const { ada, bob } = await trio();
  const padded = must(createCommit(ada.state, {}, under(ada, { paddingBytes: (length) => 4096 - length })));
  expect(ciphertextLength(padded.message)).toBe(4096 + 16);
  expect(codeOf(receiveMessage(bob.state, padded.message, bob.client.context))).toBe("ok");
});

function evidenceOf(seat: Seat, message: Uint8Array): Evidence {
  return must(receiveMessage(seat.state, message, seat.client.context)).evidence;
}

test("a third party sees who wrote a message, and sees through a changed one", async () => {
  const { ada, bob } = await trio();
  const judge = await client("judge");
  const evidence = evidenceOf(bob, say(ada, "I owe you ten"));
  expect(must(verifyEvidence(evidence, judge.context))).toBe(true);
  expect(evidence.signatureKey).toEqual(ada.client.identity.signatureKeys.publicKey);
  for (const field of ["toBeSigned", "signature"] as const) {
    const changed = evidence[field].slice();
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(must(verifyEvidence({ ...evidence, [field]: changed }, judge.context))).toBe(false);
  }
  const { publicKey } = bob.client.identity.signatureKeys;
  expect(must(verifyEvidence({ ...evidence, signatureKey: publicKey }, judge.context))).toBe(false);
  expect(codeOf(verifyEvidence({ ...evidence, suiteId: 0x7777 }, judge.context))).toBe("unsupported_suite");
});

test("a commit leaves evidence too, in public and in private", async () => {
  const { ada, bob } = await trio();
  for (const wireFormat of ["publicMessage", "privateMessage"] as const) {
    const { message } = must(createCommit(ada.state, { wireFormat }, ada.client.context));
    expect(must(verifyEvidence(evidenceOf(bob, message), bob.client.context))).toBe(true);
  }
});

test("authenticated data is seen by all and changed by none", async () => {
  const { ada, bob } = await trio();
  const sealed = must(sealMessage(ada.state, { data: text("hi"), authenticatedData: text("to: all") }, ada.client.context));
  expect(must(receiveMessage(bob.state, sealed.message, bob.client.context)).authenticatedData).toEqual(text("to: all"));
  const changed = sealed.message.slice();
  const at = new TextDecoder("latin1").decode(changed).indexOf("to: all");
  changed[at] = (changed[at] ?? 0) ^ 1;
  expect(codeOf(receiveMessage(bob.state, changed, bob.client.context))).toBe("decrypt_failed");
});

test("in a group with Safe AAD every message says which component each item is for", async () => {
  const group = { groupExtensions: [appDataDictionaryExtension([{ componentId: COMPONENT.safeAad, data: text("") }])] };
  const { ada, bob, cyn } = await trio({ group });
  expect(usesSafeAad(ada.state.context.extensions)).toBe(true);
  const items = [
    { componentId: 40_000, data: text("later") },
    { componentId: 5, data: text("first") },
  ];
  const authenticatedData = must(encodeSafeAad({ items, rest: text("tail") }));
  const { context } = ada.client;
  const sealed = must(sealMessage(ada.state, { data: text("hi"), authenticatedData }, context));
  const seen = must(receiveMessage(bob.state, sealed.message, bob.client.context));
  expect(must(decodeSafeAad(seen.authenticatedData))).toEqual({ items: items.toReversed(), rest: text("tail") });
  expect(codeOf(sealMessage(ada.state, { data: text("hi"), authenticatedData: text("\u0007x") }, context))).toBe("usage");
  expect(codeOf(encodeSafeAad({ items: [...items, { componentId: 5, data: text("") }], rest: text("") }))).toBe("usage");
  deliver([bob, cyn], say(ada, "without items of my own"));
  commitAndDeliver(cyn, [ada, bob]);
});

test("what nobody knows yet is let pass: GREASE in capabilities, key packages, leaves and GroupInfo", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const unknown = { type: 0x3a3a, data: text("?") };
  const capabilities = {
    versions: [0x4a4a, 1],
    suites: [0x1a1a, dan.suiteId],
    extensions: [6, unknown.type],
    proposals: [0x000a, 0x5a5a],
    credentials: [0x6a6a, 1],
  };
  const own = keyPackageOf(dan, { capabilities, leafExtensions: [unknown], extensions: [{ type: 0x7a7a, data: text("!") }], grease: true });
  const groupInfo = { extensions: [{ type: 0x8a8a, data: text("#") }] };
  const result = commit(ada, { proposals: [{ kind: "add", keyPackage: own.keyPackage }], groupInfo });
  accept(ada, result, [bob, cyn]);
  const seat = join(dan, { welcome: result.welcome, keyPackages: [own] });
  expect(deliver([ada, bob, cyn], say(seat, "hello"))).toHaveLength(3);
  commitAndDeliver(seat, [ada, bob, cyn]);
  expect(epochOf(seat.state)).toBe(epochOf(cyn.state));
});

test("a leaf with an extension that its own capabilities do not list is not made", async () => {
  const { ada } = await trio();
  const leaf = { extensions: [{ type: 0xff42, data: text("") }] };
  expect(codeOf(createCommit(ada.state, { leaf }, ada.client.context))).toBe("invalid_leaf");
});
