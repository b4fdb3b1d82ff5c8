/** The node provider and the wasm provider are the same functions. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createNodeProvider } from "../../node/index.ts";
import type { CipherSuite, Random } from "../../src/crypto/provider.ts";
import { SUITE } from "../../src/suites.ts";
import { createWasmProvider } from "../../wasm/index.ts";
import { testRandom } from "../support/provider.ts";

const node = await createNodeProvider();
const wasm = await createWasmProvider();

/** What each provider makes of `run`; the randomness starts afresh for each. */
function inBoth(id: number, seed: number, run: (suite: CipherSuite, random: Random) => unknown): readonly [unknown, unknown] {
  const [one, other] = [node, wasm].map((provider) => {
    const suite = provider.suite(id);
    if (suite === undefined) throw new Error("missing suite");
    return run(suite, testRandom(seed));
  });
  return [one, other];
}

const bytes = fc.uint8Array({ maxLength: 400 });
const long = fc.integer({ min: 0, max: 150_000 });

it("have the same suites, lengths and names", () => {
  for (const id of [...Object.values(SUITE), 0, 4, 0xffff]) {
    const describeSuite = (suite: CipherSuite | undefined) =>
      suite && Object.entries(suite).filter(([, value]) => typeof value !== "function");
    expect(describeSuite(node.suite(id))).toEqual(describeSuite(wasm.suite(id)));
    expect(node.suite(id)).toBe(node.suite(id));
  }
});

describe.each(Object.entries(SUITE))("agree on %s", (_name, id) => {
  // ECDH on P-256 takes noble milliseconds.
  const numRuns = id === SUITE.p256Aes128 ? 15 : 60;

  it("hashes and key derivation", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(300), (key, data, length) => {
        const [one, other] = inBoth(id, 0, (suite) => [
          suite.hash(data),
          suite.hmac(key, data),
          suite.hkdfExtract(key, data),
          suite.hkdfExpand(key, data, length),
        ]);
        expect(one).toEqual(other);
      }),
      { numRuns },
    );
  });

  it("long inputs", () => {
    fc.assert(
      fc.property(long, fc.nat(), (length, seed) => {
        const [one, other] = inBoth(id, seed, (suite, random) => {
          const data = random(length);
          const sealed = suite.aeadSeal(random(suite.aeadKeyLength), random(suite.aeadNonceLength), { aad: data, data });
          const { privateKey } = suite.signatureKeyPair(random);
          return [suite.hash(data), suite.hmac(data, data), suite.hash(sealed), suite.sign(privateKey, data)];
        });
        expect(one).toEqual(other);
      }),
      { numRuns: 10 },
    );
  });

  it("AEAD", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (aad, data, seed) => {
        const [one, other] = inBoth(id, seed, (suite, random) => {
          const [key, nonce] = [random(suite.aeadKeyLength), random(suite.aeadNonceLength)];
          const sealed = suite.aeadSeal(key, nonce, { aad, data });
          return [sealed, suite.aeadOpen(key, nonce, { aad, data: sealed }), suite.aeadOpen(key, nonce, { aad, data })];
        });
        expect(one).toEqual(other);
      }),
      { numRuns },
    );
  });

  it("HPKE", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (info, aad, seed) => {
        const [one, other] = inBoth(id, seed, (suite, random) => {
          const keys = suite.hpkeDeriveKeyPair(random(32));
          const sealed = suite.hpkeSeal(keys.publicKey, { info, aad, plaintext: info }, random);
          const wanted = { info, exporterContext: aad, length: 40 };
          const sent = suite.hpkeExportSend(keys.publicKey, wanted, random);
          return [
            keys,
            suite.hpkePublicKey(keys.privateKey),
            sealed,
            sealed && suite.hpkeOpen(keys, sealed, { info, aad }),
            sent,
            sent && suite.hpkeExportReceive(keys, sent.kemOutput, wanted),
            suite.isHpkePublicKey(keys.publicKey),
          ];
        });
        expect(one).toEqual(other);
      }),
      { numRuns },
    );
  });

  it("signatures", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), (message, seed, flip) => {
        const [one, other] = inBoth(id, seed, (suite, random) => {
          const keys = suite.signatureKeyPair(random);
          const signatures = [1, 2, 3, 4].map(() => suite.sign(keys.privateKey, message));
          const [signature = message] = signatures;
          const changed = Uint8Array.from(signature);
          const at = flip % changed.length;
          changed[at] = (changed[at] ?? 0) ^ (1 << (seed & 7));
          return [
            keys,
            suite.signaturePublicKey(keys.privateKey),
            signatures,
            suite.verify(keys.publicKey, message, signature),
            suite.verify(keys.publicKey, message, changed),
            suite.isSignaturePublicKey(keys.publicKey),
          ];
        });
        expect(one).toEqual(other);
      }),
      { numRuns },
    );
  });

  it("what they refuse", () => {
    const suite = node.suite(id);
    if (suite === undefined) throw new Error("missing suite");
    const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        exactly(suite.hpkePublicKeyLength),
        exactly(suite.signaturePublicKeyLength),
        exactly(32),
        (hpkeKey, signatureKey, privateKey) => {
          const [one, other] = inBoth(id, 0, (each, random) => [
            each.isHpkePublicKey(hpkeKey),
            each.hpkeSeal(hpkeKey, { info: privateKey, aad: privateKey, plaintext: privateKey }, random),
            each.isSignaturePublicKey(signatureKey),
            each.hpkePublicKey(privateKey),
            each.signaturePublicKey(privateKey),
          ]);
          expect(one).toEqual(other);
        },
      ),
      { numRuns },
    );
  });
});
