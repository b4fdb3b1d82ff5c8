/** Nothing that takes bytes from outside throws, whatever the bytes. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { testRandom } from "../support/provider.ts";
import { ALL_SUITES } from "./suites.ts";

const NUM_RUNS = 60;

/** Bytes of any length up to a little more than the longest thing there is, often of a plausible length. */
function bytes(...lengths: readonly number[]): fc.Arbitrary<Uint8Array> {
  const plausible = lengths.map((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  return fc.oneof(...plausible, fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 1300, size: "max" }));
}

describe.each(ALL_SUITES)("hostile bytes, $label", ({ suite }) => {
  const random = testRandom("hostile");
  const hpkeKeys = suite.hpkeDeriveKeyPair(random(32));
  const signatureKeys = suite.signatureKeyPair(random);
  const message = random(30);
  const publicKeys = bytes(suite.hpkePublicKeyLength);
  const outputs = bytes(suite.kemOutputLength);
  const privateKeys = bytes(32);

  it("keys", () => {
    fc.assert(
      fc.property(publicKeys, privateKeys, bytes(suite.signaturePublicKeyLength), (publicKey, privateKey, signatureKey) => {
        expect(typeof suite.isHpkePublicKey(publicKey)).toBe("boolean");
        expect(typeof suite.isSignaturePublicKey(signatureKey)).toBe("boolean");
        expect([undefined, suite.hpkePublicKeyLength]).toContain(suite.hpkePublicKey(privateKey)?.length);
        expect([undefined, suite.signaturePublicKeyLength]).toContain(suite.signaturePublicKey(privateKey)?.length);
        expect(suite.isHpkePublicKey(suite.hpkeDeriveKeyPair(privateKey).publicKey)).toBe(true);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("HPKE", () => {
    fc.assert(
      fc.property(publicKeys, outputs, fc.uint8Array({ maxLength: 60 }), (publicKey, kemOutput, other) => {
        const context = { info: other, aad: other };
        const wanted = { info: other, exporterContext: other, length: 16 };
        expect(suite.hpkeSeal(publicKey, { ...context, plaintext: other }, random) !== undefined).toBe(suite.isHpkePublicKey(publicKey));
        expect(suite.hpkeExportSend(publicKey, wanted, random) !== undefined).toBe(suite.isHpkePublicKey(publicKey));
        expect(suite.hpkeOpen(hpkeKeys, { kemOutput, ciphertext: other }, context)).toBeUndefined();
        expect(suite.hpkeOpen({ privateKey: other, publicKey }, { kemOutput, ciphertext: other }, context)).toBeUndefined();
        expect([undefined, 16]).toContain(suite.hpkeExportReceive(hpkeKeys, kemOutput, wanted)?.length);
      }),
      { numRuns: NUM_RUNS / 2 },
    );
  });

  it("signatures", () => {
    const signatures = bytes(suite.signatureLengthMax, 70);
    fc.assert(
      fc.property(bytes(suite.signaturePublicKeyLength), signatures, (key, signature) => {
        expect(suite.verify(key, message, signature)).toBe(false);
        expect(suite.verify(signatureKeys.publicKey, message, signature)).toBe(false);
        expect(suite.verify(signatureKeys.publicKey, signature, signature)).toBe(false);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("AEAD", () => {
    fc.assert(
      fc.property(bytes(suite.aeadKeyLength), bytes(suite.aeadNonceLength), bytes(16, 17), (key, nonce, data) => {
        expect(suite.aeadOpen(key, nonce, { aad: message, data })).toBeUndefined();
        expect(suite.aeadOpen(random(suite.aeadKeyLength), random(suite.aeadNonceLength), { aad: data, data })).toBeUndefined();
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("hashes, whose inputs have any length", () => {
    fc.assert(
      fc.property(bytes(0, 32, 64, 128), bytes(0, 1, 64), fc.nat(600), (key, data, length) => {
        expect(suite.hash(data)).toHaveLength(suite.hashLength);
        expect(suite.hmac(key, data)).toHaveLength(suite.hashLength);
        expect(suite.hkdfExpand(suite.hkdfExtract(key, data), data, length)).toHaveLength(length);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
