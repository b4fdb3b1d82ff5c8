/** HPKE (RFC 9180) and its key encapsulation against the vectors of the specifications. */
import { describe, expect, it } from "vitest";

import { toHex } from "../../src/bytes.ts";
import { createHpke } from "../../src/crypto/hpke.ts";
import { createKdf } from "../../src/crypto/hpke-kdf.ts";
import { createXWingKem } from "../../src/crypto/kem-xwing.ts";
import type { KeyPair } from "../../src/crypto/provider.ts";
import { sodiumPrimitives } from "../../src/crypto/sodium-primitives.ts";
import { loadSodium } from "../../wasm/load-sodium.ts";
import { testRandom } from "../support/provider.ts";
import { flipBit, fromHex } from "./hex.ts";
import type { HpkeVector } from "./hpke-vectors.ts";
import { MLKEM768_X25519_VECTOR, RFC_9180_VECTORS } from "./hpke-vectors.ts";
import { ALL_SUITES, suitesOf } from "./suites.ts";
import { XWING_VECTORS } from "./xwing-vectors.ts";

const keysOf = (vector: HpkeVector): KeyPair => ({ privateKey: fromHex(vector.privateKey), publicKey: fromHex(vector.publicKey) });
const sodium = sodiumPrimitives(await loadSodium());

for (const vector of RFC_9180_VECTORS) {
  describe.each(suitesOf(vector.suite))(`${vector.source}, $label`, ({ suite }) => {
    const keys = keysOf(vector);
    const info = fromHex(vector.info);
    const random = (): Uint8Array => fromHex(vector.ikmE);

    it("derives the key pair", () => {
      expect(suite.hpkeDeriveKeyPair(fromHex(vector.ikmR))).toEqual(keys);
      expect(suite.hpkePublicKey(keys.privateKey)).toEqual(keys.publicKey);
    });

    it("seals and opens", () => {
      const { plaintext, aad, ciphertext } = vector.encryption;
      const sealed = suite.hpkeSeal(keys.publicKey, { info, aad: fromHex(aad), plaintext: fromHex(plaintext) }, random);
      expect(sealed).toEqual({ kemOutput: fromHex(vector.kemOutput), ciphertext: fromHex(ciphertext) });
      expect(sealed && suite.hpkeOpen(keys, sealed, { info, aad: fromHex(aad) })).toEqual(fromHex(plaintext));
    });

    it.each(vector.exports)("exports $value", ({ context, length, value }) => {
      const wanted = { info, exporterContext: fromHex(context), length };
      const kemOutput = fromHex(vector.kemOutput);
      expect(suite.hpkeExportSend(keys.publicKey, wanted, random)).toEqual({ kemOutput, secret: fromHex(value) });
      expect(suite.hpkeExportReceive(keys, kemOutput, wanted)).toEqual(fromHex(value));
    });
  });
}

describe("MLKEM768-X25519 of draft-ietf-hpke-pq", () => {
  const vector = MLKEM768_X25519_VECTOR;
  const aead = { id: 0x0003, keyLength: 32, nonceLength: 12, tagLength: 16, ...sodium.chaCha20Poly1305 };
  const hpke = createHpke({ kem: createXWingKem(sodium), kdf: createKdf(0x0001, 32, sodium.sha256.hmac), aead });
  const info = fromHex(vector.info);

  it.each([...suitesOf(0xf001), ...suitesOf(0xf002)])("derives the key pair, $label", ({ suite }) => {
    expect(suite.hpkeDeriveKeyPair(fromHex(vector.ikmR))).toEqual(keysOf(vector));
    expect(suite.hpkePublicKey(fromHex(vector.privateKey))).toEqual(fromHex(vector.publicKey));
  });

  it("seals, opens and exports", () => {
    const keys = keysOf(vector);
    const random = (): Uint8Array => fromHex(vector.ikmE);
    const context = { info, aad: fromHex(vector.encryption.aad) };
    const sealed = { kemOutput: fromHex(vector.kemOutput), ciphertext: fromHex(vector.encryption.ciphertext) };
    const plaintext = fromHex(vector.encryption.plaintext);
    expect(hpke.hpkeSeal(keys.publicKey, { ...context, plaintext }, random)).toEqual(sealed);
    expect(hpke.hpkeOpen(keys, sealed, context)).toEqual(plaintext);
    for (const { context: exporterContext, length, value } of vector.exports) {
      const wanted = { info, exporterContext: fromHex(exporterContext), length };
      expect(hpke.hpkeExportReceive(keys, sealed.kemOutput, wanted)).toEqual(fromHex(value));
    }
  });
});

describe("X-Wing of draft-connolly-cfrg-xwing-kem", () => {
  const kem = createXWingKem(sodium);
  /** Long values of the later vectors are given by their hash. */
  const matches = (bytes: Uint8Array, expected: string): boolean =>
    toHex(bytes) === expected || toHex(sodium.sha256.hash(bytes)) === expected;

  it.each(XWING_VECTORS)("agrees on $sharedSecret", ({ seed, encapsulationSeed, sharedSecret, publicKey, ciphertext }) => {
    const key = kem.publicKey(fromHex(seed));
    if (key === undefined) throw new Error("no public key");
    expect(matches(key, publicKey)).toBe(true);
    const sent = kem.encapsulate(key, () => fromHex(encapsulationSeed));
    if (sent === undefined) throw new Error("no encapsulation");
    expect(matches(sent.kemOutput, ciphertext)).toBe(true);
    expect(toHex(sent.sharedSecret)).toBe(sharedSecret);
    expect(kem.decapsulate({ privateKey: fromHex(seed), publicKey: key }, sent.kemOutput)).toEqual(fromHex(sharedSecret));
  });
});

describe.each(ALL_SUITES)("HPKE opens only what was sealed, $label", ({ suite }) => {
  const random = testRandom("hpke");
  const keys = suite.hpkeDeriveKeyPair(random(32));
  const context = { info: random(20), aad: random(30) };
  const plaintext = random(40);
  const sealed = suite.hpkeSeal(keys.publicKey, { ...context, plaintext }, random);
  if (sealed === undefined) throw new Error("not sealed");

  it("opens", () => {
    expect(suite.hpkeOpen(keys, sealed, context)).toEqual(plaintext);
    expect(sealed.kemOutput).toHaveLength(suite.kemOutputLength);
    expect(sealed.ciphertext).toHaveLength(plaintext.length + suite.aeadTagLength);
  });

  it("refuses another context, key, output or ciphertext", () => {
    expect(suite.hpkeOpen(keys, sealed, { ...context, info: random(20) })).toBeUndefined();
    expect(suite.hpkeOpen(keys, sealed, { ...context, aad: random(30) })).toBeUndefined();
    expect(suite.hpkeOpen(suite.hpkeDeriveKeyPair(random(32)), sealed, context)).toBeUndefined();
    expect(suite.hpkeOpen(keys, { ...sealed, ciphertext: flipBit(sealed.ciphertext, 9) }, context)).toBeUndefined();
    for (const position of [3, sealed.kemOutput.length * 4, sealed.kemOutput.length * 8 - 9]) {
      expect(suite.hpkeOpen(keys, { ...sealed, kemOutput: flipBit(sealed.kemOutput, position) }, context)).toBeUndefined();
    }
  });

  it("refuses lengths that cannot be", () => {
    for (const length of [0, 1, 31, 33, suite.kemOutputLength - 1, suite.kemOutputLength + 1]) {
      expect(suite.hpkeOpen(keys, { ...sealed, kemOutput: random(length) }, context)).toBeUndefined();
      expect(
        suite.hpkeExportReceive(keys, random(length), { info: context.info, exporterContext: context.aad, length: 32 }),
      ).toBeUndefined();
    }
    for (const length of [0, 1, 15]) {
      expect(suite.hpkeOpen(keys, { ...sealed, ciphertext: sealed.ciphertext.slice(0, length) }, context)).toBeUndefined();
    }
    for (const length of [0, 31, 33]) {
      expect(suite.hpkePublicKey(random(length))).toBeUndefined();
      expect(suite.hpkeOpen({ ...keys, privateKey: random(length) }, sealed, context)).toBeUndefined();
    }
    for (const length of [0, 32, 64, suite.hpkePublicKeyLength - 1, suite.hpkePublicKeyLength + 1]) {
      if (length === suite.hpkePublicKeyLength) continue;
      expect(suite.isHpkePublicKey(random(length))).toBe(false);
      expect(suite.hpkeSeal(random(length), { ...context, plaintext }, random)).toBeUndefined();
      expect(suite.hpkeOpen({ ...keys, publicKey: random(length) }, sealed, context)).toBeUndefined();
    }
  });

  it("does not change what it is given", () => {
    const before = structuredClone({ keys, sealed, context, plaintext });
    suite.hpkeSeal(keys.publicKey, { ...context, plaintext }, random);
    suite.hpkeOpen(keys, sealed, context);
    suite.hpkePublicKey(keys.privateKey);
    expect({ keys, sealed, context, plaintext }).toEqual(before);
  });
});
