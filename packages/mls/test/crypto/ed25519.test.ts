/** Ed25519: the vectors of RFC 8032 §7.1, and what strict verification must refuse. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { concat, toHex } from "../../src/bytes.ts";
import { testRandom } from "../support/provider.ts";
import { flipBit, fromHex } from "./hex.ts";
import { suitesOf } from "./suites.ts";

const RFC_8032 = [
  {
    privateKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    privateKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    privateKey: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
];

/** The eight points of small order, and every other way to spell them: y + p where that fits, and a sign on x = 0. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/** y = 3 + p: of large order, were it accepted. */
const NOT_CANONICAL = ["f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "ff".repeat(32)];

const ORDER = ed25519.Point.Fn.ORDER;
const ZERO_SCALAR = new Uint8Array(32);

const toScalar = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`);
const fromScalar = (scalar: bigint): Uint8Array => fromHex(scalar.toString(16).padStart(64, "0")).toReversed();

describe.each(suitesOf(0x0001))("Ed25519, $label", ({ suite }) => {
  const random = testRandom("ed25519");
  const keys = suite.signatureKeyPair(random);
  const message = random(100);
  const signature = suite.sign(keys.privateKey, message);

  it.each(RFC_8032)("signs and verifies the vector of $publicKey", (vector) => {
    const [privateKey, publicKey, text] = [fromHex(vector.privateKey), fromHex(vector.publicKey), fromHex(vector.message)];
    expect(suite.signaturePublicKey(privateKey)).toEqual(publicKey);
    // A provider may sign in another way from the third time on.
    for (let time = 0; time < 4; time++) expect(toHex(suite.sign(privateKey, text))).toBe(vector.signature);
    expect(suite.verify(publicKey, text, fromHex(vector.signature))).toBe(true);
    expect(suite.isSignaturePublicKey(publicKey)).toBe(true);
  });

  it("refuses a changed bit anywhere", () => {
    expect(suite.verify(keys.publicKey, message, signature)).toBe(true);
    for (let position = 0; position < 512; position += 3) {
      expect(suite.verify(keys.publicKey, message, flipBit(signature, position))).toBe(false);
    }
    for (let position = 0; position < 256; position += 5) {
      expect(suite.verify(flipBit(keys.publicKey, position), message, signature)).toBe(false);
    }
    expect(suite.verify(keys.publicKey, flipBit(message, 0), signature)).toBe(false);
  });

  it("refuses lengths that cannot be", () => {
    for (const length of [0, 1, 31, 33, 63, 65, 128]) {
      expect(suite.verify(random(length), message, signature)).toBe(false);
      expect(suite.verify(keys.publicKey, message, random(length))).toBe(false);
      expect(suite.isSignaturePublicKey(random(length))).toBe(false);
      expect(suite.signaturePublicKey(random(length))).toBeUndefined();
      expect(() => suite.sign(random(length), message)).toThrow(RangeError);
    }
    expect(suite.verify(keys.publicKey, message, signature.subarray(0, 63))).toBe(false);
    expect(suite.verify(keys.publicKey, message, concat(signature, Uint8Array.of(0)))).toBe(false);
  });

  it.each([...SMALL_ORDER, ...NOT_CANONICAL])("refuses the key and the R %s", (hex) => {
    const point = fromHex(hex);
    expect(suite.isSignaturePublicKey(point)).toBe(false);
    // S = 0 and R of small order verify under a key of small order for some messages, unless that is looked for.
    for (let text = 0; text < 16; text++) {
      for (const other of SMALL_ORDER) {
        expect(suite.verify(point, Uint8Array.of(text), concat(fromHex(other), ZERO_SCALAR))).toBe(false);
      }
    }
    expect(suite.verify(keys.publicKey, message, concat(point, signature.subarray(32)))).toBe(false);
    expect(suite.verify(point, message, signature)).toBe(false);
  });

  it("refuses an S that is not below the order", () => {
    const scalar = toScalar(signature.subarray(32));
    for (let multiple = 1n; scalar + multiple * ORDER < 2n ** 256n; multiple++) {
      const malleated = concat(signature.subarray(0, 32), fromScalar(scalar + multiple * ORDER));
      expect(suite.verify(keys.publicKey, message, malleated)).toBe(false);
    }
    for (const bad of [ORDER, 2n ** 252n, 2n ** 253n, 2n ** 256n - 1n]) {
      expect(suite.verify(keys.publicKey, message, concat(signature.subarray(0, 32), fromScalar(bad)))).toBe(false);
    }
  });

  it("takes as a key exactly the canonical points that are on the curve", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        let onCurve = true;
        try {
          ed25519.Point.fromBytes(bytes);
        } catch {
          onCurve = false;
        }
        expect(suite.isSignaturePublicKey(bytes)).toBe(onCurve && !SMALL_ORDER.includes(toHex(bytes)));
      }),
      { numRuns: 60 },
    );
  });

  it("verifies without the cofactor when a signer mixes in points of small order", () => {
    // Implementations differ here, and one group must not: S·B = R + h·A has to hold as it stands.
    const torsion = ed25519.Point.fromHex(SMALL_ORDER[6] ?? "");
    const component = (multiple: number) => (multiple === 0 ? ed25519.Point.ZERO : torsion.multiplyUnsafe(BigInt(multiple)));
    const [a, r] = [toScalar(random(31)), toScalar(random(31))];
    let accepted = 0;
    for (let text = 0; text < 120; text++) {
      const [inKey, inR] = [text % 8, (text >> 3) % 8];
      const key = ed25519.Point.BASE.multiply(a).add(component(inKey)).toBytes();
      const rPoint = ed25519.Point.BASE.multiply(r).add(component(inR)).toBytes();
      const hash = toScalar(sha512(concat(rPoint, key, Uint8Array.of(text)))) % ORDER;
      const holds = (BigInt(inR) + hash * BigInt(inKey)) % 8n === 0n;
      const forged = concat(rPoint, fromScalar((r + hash * a) % ORDER));
      expect(suite.verify(key, Uint8Array.of(text), forged)).toBe(holds);
      if (holds) accepted++;
    }
    expect(accepted).toBeGreaterThan(0);
  });
});
