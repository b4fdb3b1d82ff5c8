/** RFC 9420 §10, §10.1: key packages, in an Add proposal, in a commit, and as a message of their own. */
import { describe, expect, test } from "vitest";
import { createCommit, decodeMlsMessage, encodeMlsMessage, SUITE } from "../../src/index.ts";
import { codeOf, createClient, keyPackageOf, text } from "../support/clients.ts";
import { cast, forger, stranger, verdict } from "./cast.ts";
import { byValue, flip, forgeProposal } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage, type KeyPackageForgery } from "./forge-key-package.ts";

/** What Bob says to an Add as a proposal and in a commit, and what Ada's own engine says before she sends it. */
async function verdicts(forgery: KeyPackageForgery): Promise<string[]> {
  const { crypto, ada, bob } = await cast();
  const by = forger(ada);
  const add = forgeAdd(stranger(crypto), forgery);
  return [
    verdict(bob, forgeProposal(by, add).message),
    verdict(bob, forgeCommit(by, { list: byValue(by, add) })),
    codeOf(createCommit(ada.state, { proposals: [add] }, ada.client.context)),
  ];
}

function three(code: string): string[] {
  return [code, code, code];
}

describe("§10.1 a key package", () => {
  test("is good when nothing is wrong", async () => {
    expect(await verdicts({})).toEqual(three("ok"));
  });
  test("has the group's version", async () => {
    expect(await verdicts({ content: (content) => ({ ...content, version: 2 }) })).toEqual(three("unsupported_version"));
  });
  test("has the group's suite", async () => {
    expect(await verdicts({ content: (content) => ({ ...content, suiteId: SUITE.x25519ChaCha20 }) })).toEqual(three("invalid_key_package"));
    const { crypto, ada, bob } = await cast();
    const other = createClient(crypto, "eve", { suiteId: SUITE.x25519ChaCha20 });
    const add = { kind: "add" as const, keyPackage: keyPackageOf(other).keyPackage };
    expect(verdict(bob, forgeProposal(forger(ada), add).message)).toBe("invalid_key_package");
  });
  test("is signed by the key in its leaf", async () => {
    const { client } = (await cast()).bob;
    expect(await verdicts({ signed: (signed) => ({ ...signed, signature: flip(signed.signature) }) })).toEqual(three("invalid_signature"));
    expect(await verdicts({ signWith: client.identity.signatureKeys.privateKey })).toEqual(three("invalid_signature"));
    expect(await verdicts({ signed: (signed) => ({ ...signed, extensions: [{ type: 0xff00, data: text("x") }] }) })).toEqual(
      three("invalid_signature"),
    );
  });
  test("has an init key of the suite", async () => {
    expect(await verdicts({ content: (content) => ({ ...content, initKey: new Uint8Array(32) }) })).toEqual(three("invalid_key"));
    expect(await verdicts({ content: (content) => ({ ...content, initKey: new Uint8Array(31).fill(9) }) })).toEqual(three("invalid_key"));
  });
  test("has another init key than encryption key", async () => {
    expect(await verdicts({ content: (content) => ({ ...content, initKey: content.leafNode.encryptionKey }) })).toEqual(
      three("invalid_key_package"),
    );
  });
  test("has no extension type twice", async () => {
    const twice = [7, 7].map((type) => ({ type, data: text("x") }));
    expect((await verdicts({ content: (content) => ({ ...content, extensions: twice }) })).slice(0, 2)).toEqual([
      "decode_invalid",
      "decode_invalid",
    ]);
  });
  test("may have extensions that nobody knows", async () => {
    const extensions = [0x0a0a, 0xeeee].map((type) => ({ type, data: text("x") }));
    expect(await verdicts({ content: (content) => ({ ...content, extensions }) })).toEqual(three("ok"));
  });
});

describe("§10 a key package as a message", () => {
  test("has the version of the MLSMessage around it", async () => {
    const { crypto } = await cast();
    const good = forgeOwnKeyPackage(stranger(crypto)).keyPackage;
    const bad = forgeOwnKeyPackage(stranger(crypto), { content: (content) => ({ ...content, version: 2 }) }).keyPackage;
    expect(codeOf(decodeMlsMessage(encodeMlsMessage({ kind: "keyPackage", keyPackage: good })))).toBe("ok");
    expect(codeOf(decodeMlsMessage(encodeMlsMessage({ kind: "keyPackage", keyPackage: bad })))).toBe("unsupported_version");
  });
});
