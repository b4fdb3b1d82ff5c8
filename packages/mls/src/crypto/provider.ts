/**
 * The narrow, synchronous door between the MLS engine and cryptographic libraries (RFC 9420 §5.1, RFC 9180).
 *
 * The engine never implements a primitive. A provider maps a ciphersuite number to a {@link CipherSuite}; every
 * function is pure except where a {@link Random} is passed. Nothing here throws on hostile bytes: an invalid key,
 * ciphertext or signature gives `undefined` or `false`.
 */

/** Returns `length` cryptographically strong random bytes. A test or simulator may pass a seeded one. */
export type Random = (length: number) => Uint8Array;

/** A key pair in the serialised forms of RFC 9420 §5.1.1 (public) and RFC 9180 §4 (private). */
export type KeyPair = { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };

/** `HPKECiphertext` of RFC 9420 §7.6 before encoding. */
export type HpkeCiphertext = { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array };

/**
 * Inputs common to both ends of one single-shot HPKE base-mode encryption (RFC 9180 §6.1). The `info` array is not changed after it
 * was passed: a provider may remember its hash by the array's identity.
 */
export type HpkeContext = { readonly info: Uint8Array; readonly aad: Uint8Array };

/** Inputs of an HPKE base-mode secret export (RFC 9180 §6.2), used by external initialisation (RFC 9420 §8.3). */
export type HpkeExport = { readonly info: Uint8Array; readonly exporterContext: Uint8Array; readonly length: number };

/** One ciphersuite. Lengths are bytes. */
export interface CipherSuite {
  readonly id: number;
  readonly name: string;
  /** `KDF.Nh`, the length of a hash and of every secret. */
  readonly hashLength: number;
  readonly aeadKeyLength: number;
  readonly aeadNonceLength: number;
  readonly aeadTagLength: number;
  readonly kemOutputLength: number;
  readonly hpkePublicKeyLength: number;
  /** Longest signature that the scheme makes (ECDSA's DER varies). */
  readonly signatureLengthMax: number;
  readonly signaturePublicKeyLength: number;

  hash(data: Uint8Array): Uint8Array;
  /** HMAC with the suite's hash. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** `KDF.Extract` (RFC 5869 §2.2). */
  hkdfExtract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array;
  /** `KDF.Expand` (RFC 5869 §2.3); `length` at most 255 × `hashLength`. */
  hkdfExpand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  /** Ciphertext with the tag appended. */
  aeadSeal(key: Uint8Array, nonce: Uint8Array, content: AeadInput): Uint8Array;
  /** `undefined` when the tag does not verify or a length is wrong. `content.data` is ciphertext with tag. */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, content: AeadInput): Uint8Array | undefined;

  /** RFC 9180 §4 `DeriveKeyPair(ikm)`. */
  hpkeDeriveKeyPair(inputKeyMaterial: Uint8Array): KeyPair;
  /** The public key of a private key; `undefined` when the private key is malformed. */
  hpkePublicKey(privateKey: Uint8Array): Uint8Array | undefined;
  /** Length, encoding, group membership; low-order and non-canonical keys are refused. */
  isHpkePublicKey(publicKey: Uint8Array): boolean;
  hpkeSeal(publicKey: Uint8Array, content: HpkeContext & { readonly plaintext: Uint8Array }, random: Random): HpkeCiphertext | undefined;
  hpkeOpen(keys: KeyPair, sealed: HpkeCiphertext, context: HpkeContext): Uint8Array | undefined;
  hpkeExportSend(
    publicKey: Uint8Array,
    wanted: HpkeExport,
    random: Random,
  ): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array } | undefined;
  hpkeExportReceive(keys: KeyPair, kemOutput: Uint8Array, wanted: HpkeExport): Uint8Array | undefined;

  /** A fresh signature key pair. */
  signatureKeyPair(random: Random): KeyPair;
  /** The public key of a signature private key; `undefined` when the private key is malformed. */
  signaturePublicKey(privateKey: Uint8Array): Uint8Array | undefined;
  isSignaturePublicKey(publicKey: Uint8Array): boolean;
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** Strict: small-order keys, non-canonical encodings and malleated signatures give `false`. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** `data` is plaintext for sealing and ciphertext with tag for opening. */
export type AeadInput = { readonly aad: Uint8Array; readonly data: Uint8Array };

/** A set of ciphersuites on one kind of machine. */
export interface CryptoProvider {
  readonly name: string;
  /** `undefined` when the provider does not have the suite. The same object each time. */
  suite(id: number): CipherSuite | undefined;
}
