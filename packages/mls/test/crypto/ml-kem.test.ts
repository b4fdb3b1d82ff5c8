/** The checks of FIPS 203 §7.2 and §7.3 on the ML-KEM-768 part of an X-Wing key. */
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";

import { testRandom } from "../support/provider.ts";
import { suitesOf } from "./suites.ts";

const MODULUS = 3329;
const COEFFICIENTS = 768;

/** Puts a 12-bit coefficient into an encoded key. */
function withCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const changed = Uint8Array.from(key);
  const at = (index >> 1) * 3;
  const [low = 0, middle = 0, high = 0] = changed.subarray(at, at + 3);
  if (index % 2 === 0) changed.set([value & 0xff, (middle & 0xf0) | (value >> 8), high], at);
  else changed.set([low, (middle & 0x0f) | ((value & 0x0f) << 4), value >> 4], at);
  return changed;
}

function acceptedByNoble(key: Uint8Array): boolean {
  try {
    ml_kem768.encapsulate(key.subarray(0, 1184), new Uint8Array(32));
    return true;
  } catch {
    return false;
  }
}

describe.each([...suitesOf(0xf001), ...suitesOf(0xf002)])("ML-KEM-768, $label", ({ suite }) => {
  const random = testRandom("ml-kem");
  const keys = suite.hpkeDeriveKeyPair(random(32));
  const context = { info: random(10), aad: random(10) };
  const seals = (key: Uint8Array): boolean => suite.hpkeSeal(key, { ...context, plaintext: random(5) }, random) !== undefined;

  it.each([0, 1, 2, 255, 256, 511, 766, COEFFICIENTS - 1])("takes coefficient %i below the modulus only", (index) => {
    for (const value of [0, 1, MODULUS - 1, MODULUS, MODULUS + 1, 4095]) {
      const key = withCoefficient(keys.publicKey, index, value);
      expect(suite.isHpkePublicKey(key)).toBe(value < MODULUS);
      expect(seals(key)).toBe(value < MODULUS);
      expect(acceptedByNoble(key)).toBe(value < MODULUS);
    }
  });

  it("does not look at the seed of the matrix", () => {
    const key = Uint8Array.from(keys.publicKey);
    key.fill(0xff, 1152, 1184);
    expect(suite.isHpkePublicKey(key)).toBe(true);
  });

  it("refuses a key of ones", () => {
    const key = Uint8Array.from(keys.publicKey);
    key.fill(0xff, 0, 1152);
    expect(suite.isHpkePublicKey(key)).toBe(false);
    expect(seals(key)).toBe(false);
  });

  it("gives another secret, not a failure, for a ciphertext that does not fit (implicit rejection)", () => {
    const wanted = { info: context.info, exporterContext: context.aad, length: suite.hashLength };
    const sent = suite.hpkeExportSend(keys.publicKey, wanted, random);
    if (sent === undefined) throw new Error("not sent");
    expect(suite.hpkeExportReceive(keys, sent.kemOutput, wanted)).toEqual(sent.secret);
    const changed = Uint8Array.from(sent.kemOutput);
    changed.fill(0xff, 0, 1088);
    const secret = suite.hpkeExportReceive(keys, changed, wanted);
    expect(secret).toHaveLength(suite.hashLength);
    expect(secret).not.toEqual(sent.secret);
  });
});
