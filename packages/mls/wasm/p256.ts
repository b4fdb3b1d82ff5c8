/** P-256 of noble: ECDH for DHKEM (RFC 9180 §4.1) and deterministic ECDSA (FIPS 186-5, RFC 6979) in DER. */
import { draw } from "../src/crypto/draw.ts";
import { p256 } from "@noble/curves/nist.js";

import type { SignatureScheme } from "../src/crypto/hpke-suite.ts";
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
import type { KeyPair, Random } from "../src/crypto/provider.ts";

/** Enough bytes to reduce to a scalar without bias (FIPS 186-5 §A.2.1). */
const KEY_SEED_LENGTH = 48;

const publicKey = (privateKey: Uint8Array): Uint8Array | undefined =>
  isP256Scalar(privateKey) ? p256.getPublicKey(privateKey, false) : undefined;

/** Uncompressed and on the curve; P-256 has no points of small order. */
function isP256PublicKey(key: Uint8Array): boolean {
  if (!isP256PointEncoding(key)) return false;
  try {
    p256.Point.fromBytes(key).assertValidity();
    return true;
  } catch {
    return false;
  }
}

export const nobleP256: DhGroup = {
  publicKeyLength: P256_POINT_LENGTH,
  privateKeyLength: P256_SCALAR_LENGTH,
  publicKey,
  isPublicKey: isP256PublicKey,
  sharedSecret(privateKey, key) {
    if (!isP256Scalar(privateKey) || !isP256PublicKey(key)) return undefined;
    return p256.getSharedSecret(privateKey, key, false).slice(1, 1 + P256_SCALAR_LENGTH);
  },
};

export const nobleEcdsaP256: SignatureScheme = {
  signatureLengthMax: ECDSA_DER_LENGTH_MAX,
  publicKeyLength: P256_POINT_LENGTH,
  keyPair(random: Random): KeyPair {
    const seed = draw(random, KEY_SEED_LENGTH);
    const privateKey = p256.utils.randomSecretKey(seed);
    seed.fill(0);
    return { privateKey, publicKey: p256.getPublicKey(privateKey, false) };
  },
  publicKey,
  isPublicKey: isP256PublicKey,
  sign(privateKey, message) {
    if (!isP256Scalar(privateKey)) throw new RangeError("P-256 private key of a wrong length or out of range");
    return encodeEcdsaDer(p256.sign(message, privateKey, { lowS: false }));
  },
  verify(key, message, signature) {
    const pair = decodeEcdsaDer(signature);
    return pair !== undefined && isP256PublicKey(key) && p256.verify(pair, message, key, { lowS: false });
  },
};
