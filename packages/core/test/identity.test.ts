/** Accounts: made, grown, cut back, recovered; and the keys that open each other. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accountKeys,
  addDevice,
  composeEntry,
  createAccount,
  createDeviceKeys,
  decodeDeviceKeys,
  deviceSigner,
  devicePublic,
  encodeDeviceKeys,
  finishEntry,
  inspectWrappedKey,
  parseRecoveryKey,
  proveDevice,
  recoveryChainSigner,
  recoveryKeyToText,
  recoveryPublicKey,
  resetAccount,
  revokeDevice,
  rotateRecovery,
  signLogin,
  unwrapMasterKey,
  verifyChain,
  wrapMasterKey,
} from "@sotto/core";
import { idToText, loginBytes } from "@sotto/protocol";
import { codeOf, contextFor, crypto, must } from "./support/provider.ts";

const context = contextFor("identity");
const ada = must(createAccount(context));
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("an account", () => {
  test("is made with a chain that anybody can follow", () => {
    const chain = must(verifyChain([ada.genesis], { crypto }, ada.account));
    expect(chain).toEqual(ada.chain);
    expect([...chain.devicesById.keys()]).toEqual([idToText(ada.device.id)]);
    expect(chain.recoveryKey).toEqual(recoveryPublicKey(ada.masterKey.key, context));
  });

  test("takes a device of another machine: composed here, proved there, finished here", () => {
    const newcomer = createDeviceKeys(contextFor("tablet"));
    const change = { kind: "add" as const, device: devicePublic(newcomer) };
    const signed = composeEntry(ada.chain, { author: ada.device.id, change }, context);
    const proof = must(proveDevice(signed, newcomer, { crypto }));
    const made = must(finishEntry(ada.chain, { signed, privateKey: ada.device.signatureKeys.privateKey, proof }, { crypto }));
    expect(must(verifyChain([ada.genesis, made.entry], { crypto }))).toEqual(made.chain);
    expect(codeOf(proveDevice(signed, createDeviceKeys(contextFor("other")), { crypto }))).toBe("chain_device_unknown");
    const unproved = { signed, privateKey: ada.device.signatureKeys.privateKey, proof: undefined };
    expect(codeOf(finishEntry(ada.chain, unproved, { crypto }))).toBe("chain_signature");
  });

  test("refuses what its devices did not sign", () => {
    const [newcomer, thief] = [createDeviceKeys(contextFor("n")), createDeviceKeys(contextFor("thief"))];
    expect(codeOf(addDevice(ada.chain, { signer: deviceSigner(thief), newcomer }, context))).toBe("chain_author");
    const pretending = { author: ada.device.id, privateKey: thief.signatureKeys.privateKey };
    expect(codeOf(addDevice(ada.chain, { signer: pretending, newcomer }, context))).toBe("chain_signature");
    expect(codeOf(revokeDevice(ada.chain, { signer: deviceSigner(ada.device), deviceId: ada.device.id }, context))).toBe(
      "chain_last_device",
    );
  });

  test("is recovered with the 52 characters and what the server keeps", () => {
    const typed = recoveryKeyToText(ada.recoveryKey).toUpperCase().replaceAll(" ", "-");
    const secret = must(parseRecoveryKey(typed));
    const masterKey = must(unwrapMasterKey(ada.wrappedKey, { account: ada.account, unlocker: "recoveryKey", secret }, context));
    expect(masterKey).toEqual(ada.masterKey);
    const newcomer = createDeviceKeys(contextFor("new phone"));
    const added = must(addDevice(ada.chain, { signer: recoveryChainSigner(masterKey.key, context), newcomer }, context));
    expect(added.chain.devicesById.size).toBe(2);
    const reset = must(resetAccount(added.chain, { masterKey, newcomer: createDeviceKeys(contextFor("only one")) }, context));
    expect(reset.chain.devicesById.size).toBe(1);
    expect(reset.chain.formerIds.size).toBe(2);
    expect(reset.masterKey.generation).toBe(2);
    expect(codeOf(addDevice(reset.chain, { signer: recoveryChainSigner(masterKey.key, context), newcomer }, context))).toBe(
      "chain_signature",
    );
  });

  test("gets a new recovery key, and the old one signs nothing more", () => {
    const rotated = must(rotateRecovery(ada.chain, { signer: deviceSigner(ada.device), generation: 1 }, context));
    const newcomer = createDeviceKeys(contextFor("x"));
    const old = recoveryChainSigner(ada.masterKey.key, context);
    expect(codeOf(addDevice(rotated.chain, { signer: old, newcomer }, context))).toBe("chain_signature");
    const now = recoveryChainSigner(rotated.masterKey.key, context);
    expect(codeOf(addDevice(rotated.chain, { signer: now, newcomer }, context))).toBe("ok");
    const by = { account: ada.account, unlocker: "recoveryKey" as const, secret: rotated.recoveryKey };
    expect(must(unwrapMasterKey(rotated.wrappedKey, by, context))).toEqual(rotated.masterKey);
  });
});

describe("keys of a device", () => {
  test("are stored and read; damage is noticed", () => {
    const stored = encodeDeviceKeys(ada.device);
    const { account: _, ...keys } = ada.device;
    expect(must(decodeDeviceKeys(stored, context))).toEqual(keys);
    for (let at = 0; at < stored.length; at += 17) {
      const read = decodeDeviceKeys(flipped(stored, at), context);
      expect(read.ok && read.value.id).not.toEqual(keys.id);
    }
  });

  test("sign logins that the protocol's bytes verify", () => {
    const challenge = { origin: "https://sotto.example", nonce: new Uint8Array(32).fill(1) };
    const signature = signLogin(ada.device, challenge, context);
    const bytes = loginBytes({ ...challenge, account: ada.account, device: ada.device.id });
    expect(crypto.suite(1)?.verify(ada.device.signatureKeys.publicKey, bytes, signature)).toBe(true);
  });
});

describe("the master key", () => {
  test("gives different keys for different uses, accounts and generations", () => {
    const other = must(createAccount(contextFor("other account")));
    const keys = [
      ...Object.values(accountKeys(ada.masterKey.key, ada.account, context)),
      ...Object.values(accountKeys(ada.masterKey.key, other.account, context)),
      ...Object.values(accountKeys(other.masterKey.key, ada.account, context)),
    ];
    expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(9);
  });

  test("opens with the right secret, account and unlocker only; a damaged copy does not open", () => {
    const secret = new Uint8Array(32).fill(5);
    const by = { account: ada.account, unlocker: "passkey" as const, secret };
    const wrapped = must(wrapMasterKey(ada.masterKey, by, context));
    expect(must(inspectWrappedKey(wrapped))).toEqual({ unlocker: "passkey", generation: 1 });
    expect(must(unwrapMasterKey(wrapped, by, context))).toEqual(ada.masterKey);
    const other = must(createAccount(contextFor("other account")));
    for (const wrong of [{ secret: new Uint8Array(32) }, { account: other.account }, { unlocker: "passphrase" as const }]) {
      expect(codeOf(unwrapMasterKey(wrapped, { ...by, ...wrong }, context))).toBe("unlock_failed");
    }
    for (let at = 0; at < wrapped.length; at++) {
      expect(["unlock_failed", "form_invalid", "version_unsupported"]).toContain(
        codeOf(unwrapMasterKey(flipped(wrapped, at), by, context)),
      );
    }
    expect(codeOf(wrapMasterKey(ada.masterKey, { ...by, secret: new Uint8Array(31) }, context))).toBe("unlock_failed");
  });
});

describe("the text of a recovery key", () => {
  test("gives back what was written, however it was typed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (key, upper) => {
        const words = recoveryKeyToText(key);
        expect(words.replaceAll(" ", "")).toHaveLength(52);
        const typed = (upper ? words.toUpperCase() : words).replaceAll("o", "0").replaceAll("i", "1").replaceAll("b", "8");
        expect(must(parseRecoveryKey(`  ${typed} `))).toEqual(key);
      }),
    );
  });

  test("is refused when it is cut, long or has other characters", () => {
    for (const typed of ["", "abcd", "a".repeat(51), "a".repeat(53), `${"a".repeat(51)}9`, `${"a".repeat(51)}b`, "a".repeat(300)]) {
      expect(codeOf(parseRecoveryKey(typed))).toBe("recovery_key_invalid");
    }
  });
});
