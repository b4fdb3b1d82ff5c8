/**
 * The table of ciphersuites (RFC 9420 §17.1, draft-ietf-mls-pq-ciphersuites) and their assembly from a library's primitives.
 *
 * Everything that two providers must agree on, lengths above all, is decided here once.
 */
import { SUITE } from "../suites.ts";
import { createHpke } from "./hpke.ts";
import type { Aead } from "./hpke.ts";
import { createKdf } from "./hpke-kdf.ts";
import type { Hmac, Kdf } from "./hpke-kdf.ts";
import { createP256Kem, createX25519Kem } from "./kem-dh.ts";
import { createXWingKem } from "./kem-xwing.ts";
import type { XWingParts } from "./kem-xwing.ts";
import type { DhGroup, Kem } from "./kem.ts";
import type { AeadInput, CipherSuite, CryptoProvider, KeyPair, Random } from "./provider.ts";

export type Hash = {
  readonly length: number;
  readonly hash: (data: Uint8Array) => Uint8Array;
  readonly hmac: Hmac;
};

/** A signature scheme from a library, strict in what it verifies; lengths are checked inside. */
export type SignatureScheme = {
  readonly signatureLengthMax: number;
  readonly publicKeyLength: number;
  readonly keyPair: (random: Random) => KeyPair;
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array | undefined;
  readonly isPublicKey: (publicKey: Uint8Array) => boolean;
  readonly sign: (privateKey: Uint8Array, message: Uint8Array) => Uint8Array;
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
};

/** The AEAD functions of a library; they see only keys, nonces and data of possible lengths. */
export type AeadFunctions = Pick<Aead, "seal" | "open">;

/** What a provider takes from its libraries. */
export type Primitives = Omit<XWingParts, "x25519"> & {
  readonly name: string;
  readonly sha256: Hash;
  readonly sha512: Hash;
  readonly aes128Gcm: AeadFunctions;
  readonly aes256Gcm: AeadFunctions;
  readonly chaCha20Poly1305: AeadFunctions;
  readonly x25519: DhGroup;
  readonly p256: DhGroup;
  readonly ed25519: SignatureScheme;
  readonly ecdsaP256: SignatureScheme;
};

type SuiteParts = {
  readonly id: number;
  readonly name: string;
  readonly kem: Kem;
  readonly hash: Hash;
  readonly kdf: Kdf;
  readonly aead: Aead;
  readonly signature: SignatureScheme;
};

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

export function createProvider(primitives: Primitives): CryptoProvider {
  const suites = new Map(suiteParts(primitives).map((parts) => [parts.id, createSuite(parts)]));
  return { name: primitives.name, suite: (id) => suites.get(id) };
}

function suiteParts(from: Primitives): readonly SuiteParts[] {
  const { sha256, sha512, ed25519 } = from;
  const hkdfSha256 = createKdf(0x0001, sha256.length, sha256.hmac);
  const hkdfSha512 = createKdf(0x0003, sha512.length, sha512.hmac);
  const aes128 = createAead(0x0001, 16, from.aes128Gcm);
  const aes256 = createAead(0x0002, 32, from.aes256Gcm);
  const chaCha20 = createAead(0x0003, 32, from.chaCha20Poly1305);
  const x25519 = createX25519Kem(from.x25519, hkdfSha256);
  const p256 = createP256Kem(from.p256, hkdfSha256);
  const xWing = createXWingKem(from);
  const small = { hash: sha256, kdf: hkdfSha256 };
  return [
    {
      id: SUITE.x25519Aes128,
      name: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
      kem: x25519,
      ...small,
      aead: aes128,
      signature: ed25519,
    },
    { id: SUITE.p256Aes128, name: "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", kem: p256, ...small, aead: aes128, signature: from.ecdsaP256 },
    {
      id: SUITE.x25519ChaCha20,
      name: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
      kem: x25519,
      ...small,
      aead: chaCha20,
      signature: ed25519,
    },
    {
      id: SUITE.mlkem768X25519Aes128,
      name: "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519",
      kem: xWing,
      ...small,
      aead: aes128,
      signature: ed25519,
    },
    {
      id: SUITE.xwingAes256Sha512,
      name: "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
      kem: xWing,
      hash: sha512,
      kdf: hkdfSha512,
      aead: aes256,
      signature: ed25519,
    },
  ];
}

function createAead(id: number, keyLength: number, { seal, open }: AeadFunctions): Aead {
  const fits = (key: Uint8Array, nonce: Uint8Array): boolean => key.length === keyLength && nonce.length === NONCE_LENGTH;
  return {
    id,
    keyLength,
    nonceLength: NONCE_LENGTH,
    tagLength: TAG_LENGTH,
    seal(key: Uint8Array, nonce: Uint8Array, content: AeadInput): Uint8Array {
      // The caller derives both, so a wrong length is a defect and not input.
      if (!fits(key, nonce)) throw new RangeError("AEAD key or nonce of a wrong length");
      return seal(key, nonce, content);
    },
    open: (key, nonce, content) => (fits(key, nonce) && content.data.length >= TAG_LENGTH ? open(key, nonce, content) : undefined),
  };
}

function createSuite({ id, name, kem, hash, kdf, aead, signature }: SuiteParts): CipherSuite {
  return {
    id,
    name,
    hashLength: hash.length,
    aeadKeyLength: aead.keyLength,
    aeadNonceLength: aead.nonceLength,
    aeadTagLength: aead.tagLength,
    kemOutputLength: kem.kemOutputLength,
    hpkePublicKeyLength: kem.publicKeyLength,
    signatureLengthMax: signature.signatureLengthMax,
    signaturePublicKeyLength: signature.publicKeyLength,
    hash: hash.hash,
    hmac: hash.hmac,
    hkdfExtract: kdf.extract,
    hkdfExpand: kdf.expand,
    aeadSeal: aead.seal,
    aeadOpen: aead.open,
    hpkeDeriveKeyPair: kem.deriveKeyPair,
    hpkePublicKey: kem.publicKey,
    isHpkePublicKey: kem.isPublicKey,
    ...createHpke({ kem, kdf, aead }),
    signatureKeyPair: signature.keyPair,
    signaturePublicKey: signature.publicKey,
    isSignaturePublicKey: signature.isPublicKey,
    sign: signature.sign,
    verify: signature.verify,
  };
}
