/** First, simple set of primitives for Node. */
import { createCipheriv, createDecipheriv, createECDH, createPrivateKey, createPublicKey, diffieHellman, hash, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { p256 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";

import { isEd25519PointEncoding, isEd25519SignatureEncoding } from "../src/crypto/ed25519-encoding.ts";
import type { AeadFunctions, Primitives } from "../src/crypto/hpke-suite.ts";
import { decodeEcdsaDer, ECDSA_DER_LENGTH_MAX, encodeEcdsaDer, isP256PointEncoding, isP256Scalar } from "../src/crypto/p256-encoding.ts";
import { isX25519PublicKey } from "../src/crypto/x25519-encoding.ts";

const PKCS8 = { x25519: "302e020100300506032b656e04220420", ed25519: "302e020100300506032b657004220420" };
const SPKI = { x25519: "302a300506032b656e032100", ed25519: "302a300506032b6570032100" };

type Curve = "x25519" | "ed25519";

const privateObject = (curve: Curve, key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(PKCS8[curve], "hex"), key]), format: "der", type: "pkcs8" });
const publicObject = (curve: Curve, key: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([Buffer.from(SPKI[curve], "hex"), key]), format: "der", type: "spki" });
const bytes = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
const publicBytes = (key: KeyObject): Uint8Array => bytes(createPublicKey(key).export({ format: "der", type: "spki" })).slice(-32);

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function aead(name: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305"): AeadFunctions {
  return {
    seal(key, nonce, { aad, data }) {
      const cipher = createCipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: 16 });
      cipher.setAAD(aad, { plaintextLength: data.length });
      return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]));
    },
    open: (key, nonce, { aad, data }) =>
      attempt(() => {
        const decipher = createDecipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: 16 });
        decipher.setAAD(aad, { plaintextLength: data.length - 16 });
        decipher.setAuthTag(data.subarray(-16));
        return new Uint8Array(Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]));
      }),
  };
}

function p256PublicKey(privateKey: Uint8Array): Uint8Array | undefined {
  if (!isP256Scalar(privateKey)) return undefined;
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(privateKey);
  return bytes(ecdh.getPublicKey());
}

const isP256Point = (key: Uint8Array): boolean =>
  isP256PointEncoding(key) && attempt(() => (p256.Point.fromBytes(key).assertValidity(), true)) === true;

const ed25519PublicKey = (key: Uint8Array): Uint8Array | undefined =>
  key.length === 32 ? publicBytes(privateObject("ed25519", key)) : undefined;

export function nodePrimitives(): Primitives {
  return {
    name: "node",
    sha256: { length: 32, hash: (data) => bytes(hash("sha256", data, "buffer")), hmac: (key, data) => hmac(sha256, key, data) },
    sha512: { length: 64, hash: (data) => bytes(hash("sha512", data, "buffer")), hmac: (key, data) => hmac(sha512, key, data) },
    sha3: sha3_256,
    shake256: (data, length) => shake256(data, { dkLen: length }),
    aes128Gcm: aead("aes-128-gcm"),
    aes256Gcm: aead("aes-256-gcm"),
    chaCha20Poly1305: aead("chacha20-poly1305"),
    mlKem: {
      publicKey: (seed) => ml_kem768.keygen(seed).publicKey,
      isPublicKey: (key) => attempt(() => (ml_kem768.encapsulate(key, new Uint8Array(32)), true)) === true,
      encapsulate: (key, message) =>
        attempt(() => {
          const { cipherText, sharedSecret } = ml_kem768.encapsulate(key, message);
          return { kemOutput: cipherText, sharedSecret };
        }),
      decapsulate: (seed, ciphertext) => attempt(() => ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(seed).secretKey)),
    },
    x25519: {
      publicKeyLength: 32,
      privateKeyLength: 32,
      sharedSecretLength: 32,
      publicKey: (key) => (key.length === 32 ? publicBytes(privateObject("x25519", key)) : undefined),
      isPublicKey: isX25519PublicKey,
      sharedSecret: (privateKey, publicKey) =>
        attempt(() => bytes(diffieHellman({ privateKey: privateObject("x25519", privateKey), publicKey: publicObject("x25519", publicKey) }))),
    },
    p256: {
      publicKeyLength: 65,
      privateKeyLength: 32,
      sharedSecretLength: 32,
      publicKey: p256PublicKey,
      isPublicKey: isP256Point,
      sharedSecret: (privateKey, publicKey) => attempt(() => p256.getSharedSecret(privateKey, publicKey, false).slice(1, 33)),
    },
    ed25519: {
      signatureLengthMax: 64,
      publicKeyLength: 32,
      keyPair(random) {
        const privateKey = random(32);
        return { privateKey, publicKey: publicBytes(privateObject("ed25519", privateKey)) };
      },
      publicKey: ed25519PublicKey,
      isPublicKey: isEd25519PointEncoding,
      sign: (privateKey, message) => bytes(sign(null, message, privateObject("ed25519", privateKey))),
      verify: (publicKey, message, signature) =>
        isEd25519PointEncoding(publicKey) &&
        isEd25519SignatureEncoding(signature) &&
        attempt(() => verify(null, message, publicObject("ed25519", publicKey), signature)) === true,
    },
    ecdsaP256: {
      signatureLengthMax: ECDSA_DER_LENGTH_MAX,
      publicKeyLength: 65,
      keyPair(random) {
        const privateKey = p256.utils.randomSecretKey(random(48));
        return { privateKey, publicKey: p256.getPublicKey(privateKey, false) };
      },
      publicKey: p256PublicKey,
      isPublicKey: isP256Point,
      sign: (privateKey, message) => encodeEcdsaDer(p256.sign(message, privateKey, { lowS: false })),
      verify(publicKey, message, signature) {
        const pair = decodeEcdsaDer(signature);
        return pair !== undefined && isP256Point(publicKey) && attempt(() => p256.verify(pair, message, publicKey, { lowS: false })) === true;
      },
    },
  };
}
