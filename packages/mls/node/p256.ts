/**
 * P-256: ECDH and verification of OpenSSL, ECDSA signing of noble.
 *
 * OpenSSL's ECDSA draws a random nonce and cannot be told not to, whereas a provider is pure: noble signs by RFC 6979.
 */
import { draw } from "../src/crypto/draw.ts";
import { createECDH, createPublicKey, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";

import { concat } from "../src/bytes.ts";
import type { SignatureScheme } from "../src/crypto/hpke-suite.ts";
import { KeyCache } from "../src/crypto/key-cache.ts";
import type { DhGroup } from "../src/crypto/kem.ts";
import {
  decodeEcdsaDer,
  ECDSA_DER_LENGTH_MAX,
  encodeEcdsaDer,
  isP256PointEncoding,
  isP256Scalar,
  P256_POINT_LENGTH,
  P256_SCALAR_LENGTH,
} from "../src/crypto/p256-encoding.ts";

const CURVE = "prime256v1";
/** DER of SubjectPublicKeyInfo (RFC 5480 §2) up to the 65 bytes of the point. */
const SPKI_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const CACHED_KEYS = 256;
/** Enough bytes to reduce to a scalar without bias (FIPS 186-5 §A.2.1). */
const KEY_SEED_LENGTH = 48;

const publicKeys = new KeyCache<KeyObject>(CACHED_KEYS, (key) =>
  createPublicKey({ key: Buffer.from(concat(SPKI_PREFIX, key).buffer), format: "der", type: "spki" }),
);

function publicKey(privateKey: Uint8Array): Uint8Array | undefined {
  if (!isP256Scalar(privateKey)) return undefined;
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(privateKey);
  return Uint8Array.from(ecdh.getPublicKey());
}

/** Uncompressed and on the curve; P-256 has no points of small order. */
function isPublicKey(key: Uint8Array): boolean {
  if (!isP256PointEncoding(key)) return false;
  try {
    p256.Point.fromBytes(key).assertValidity();
    return true;
  } catch {
    return false;
  }
}

export const nodeP256: DhGroup = {
  publicKeyLength: P256_POINT_LENGTH,
  privateKeyLength: P256_SCALAR_LENGTH,
  publicKey,
  isPublicKey,
  sharedSecret(privateKey, key) {
    if (!isP256Scalar(privateKey) || !isPublicKey(key)) return undefined;
    const ecdh = createECDH(CURVE);
    ecdh.setPrivateKey(privateKey);
    return Uint8Array.from(ecdh.computeSecret(key));
  },
};

export const nodeEcdsaP256: SignatureScheme = {
  signatureLengthMax: ECDSA_DER_LENGTH_MAX,
  publicKeyLength: P256_POINT_LENGTH,
  keyPair(random) {
    const seed = draw(random, KEY_SEED_LENGTH);
    const privateKey = p256.utils.randomSecretKey(seed);
    seed.fill(0);
    const key = publicKey(privateKey);
    if (key === undefined) throw new Error("a scalar in range has a public key");
    return { privateKey, publicKey: key };
  },
  publicKey,
  isPublicKey,
  sign(privateKey, message) {
    if (!isP256Scalar(privateKey)) throw new RangeError("P-256 private key of a wrong length or out of range");
    return encodeEcdsaDer(p256.sign(message, privateKey, { lowS: false }));
  },
  verify(key, message, signature) {
    const pair = decodeEcdsaDer(signature);
    if (pair === undefined || !isPublicKey(key)) return false;
    return verify("sha256", message, { key: publicKeys.get(key), dsaEncoding: "ieee-p1363" }, pair);
  },
};
