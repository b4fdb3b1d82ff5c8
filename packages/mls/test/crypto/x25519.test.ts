/** X25519: the keys of RFC 7748 §6.1, and the public keys that HPKE must refuse. */
import { describe, expect, it } from "vitest";

import { concat } from "../../src/bytes.ts";
import { testRandom } from "../support/provider.ts";
import { fromHex } from "./hex.ts";
import { suitesOf } from "./suites.ts";

/** What the cofactor kills, on the curve and its twist, with every spelling in 32 bytes. */
const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/** Second spellings of good keys: 9 + p, the largest u of all, and the base point with the high bit set. */
const NOT_CANONICAL = [
  "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0900000000000000000000000000000000000000000000000000000000000080",
];

const ALICE = {
  privateKey: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  publicKey: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
};

describe.each(suitesOf(0x0001))("X25519, $label", ({ suite }) => {
  const random = testRandom("x25519");
  const context = { info: random(10), aad: random(10) };
  const keys = suite.hpkeDeriveKeyPair(random(32));

  it("makes the public key of RFC 7748 §6.1", () => {
    expect(suite.hpkePublicKey(fromHex(ALICE.privateKey))).toEqual(fromHex(ALICE.publicKey));
    expect(suite.isHpkePublicKey(fromHex(ALICE.publicKey))).toBe(true);
  });

  it("accepts canonical keys near the modulus", () => {
    for (const first of ["eb", "80", "00"]) expect(suite.isHpkePublicKey(fromHex(`${first}${"ff".repeat(30)}7f`))).toBe(true);
    expect(suite.isHpkePublicKey(fromHex(`09${"00".repeat(31)}`))).toBe(true);
  });

  it.each([...SMALL_ORDER, ...NOT_CANONICAL])("refuses %s", (hex) => {
    const key = fromHex(hex);
    expect(suite.isHpkePublicKey(key)).toBe(false);
    expect(suite.hpkeSeal(key, { ...context, plaintext: random(5) }, random)).toBeUndefined();
    expect(suite.hpkeExportSend(key, { info: context.info, exporterContext: context.aad, length: 32 }, random)).toBeUndefined();
    expect(suite.hpkeOpen(keys, { kemOutput: key, ciphertext: random(40) }, context)).toBeUndefined();
    expect(suite.hpkeExportReceive(keys, key, { info: context.info, exporterContext: context.aad, length: 32 })).toBeUndefined();
  });
});

describe.each([...suitesOf(0xf001), ...suitesOf(0xf002)])("X25519 inside X-Wing, $label", ({ suite }) => {
  const random = testRandom("xwing");
  const context = { info: random(10), aad: random(10) };
  const keys = suite.hpkeDeriveKeyPair(random(32));
  const sealed = suite.hpkeSeal(keys.publicKey, { ...context, plaintext: random(5) }, random);
  if (sealed === undefined) throw new Error("not sealed");

  it.each([...SMALL_ORDER, ...NOT_CANONICAL])("refuses %s", (hex) => {
    const share = fromHex(hex);
    const key = concat(keys.publicKey.subarray(0, -32), share);
    expect(suite.isHpkePublicKey(key)).toBe(false);
    expect(suite.hpkeSeal(key, { ...context, plaintext: random(5) }, random)).toBeUndefined();
    const kemOutput = concat(sealed.kemOutput.subarray(0, -32), share);
    expect(suite.hpkeExportReceive(keys, kemOutput, { info: context.info, exporterContext: context.aad, length: 32 })).toBeUndefined();
  });
});
