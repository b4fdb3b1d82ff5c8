/** The key encapsulation interface of HPKE (RFC 9180 §4), synchronous and with explicit randomness. */
import type { KeyPair, Random } from "./provider.ts";

export type Encapsulation = { readonly sharedSecret: Uint8Array; readonly kemOutput: Uint8Array };

/** Nothing here throws on hostile bytes: a bad key or encapsulation gives `undefined` or `false`. */
export type Kem = {
  /** Registered in RFC 9180 §7.1 and draft-ietf-hpke-pq. */
  readonly id: number;
  readonly kemOutputLength: number;
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  readonly deriveKeyPair: (inputKeyMaterial: Uint8Array) => KeyPair;
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array | undefined;
  readonly isPublicKey: (publicKey: Uint8Array) => boolean;
  readonly encapsulate: (publicKey: Uint8Array, random: Random) => Encapsulation | undefined;
  readonly decapsulate: (keys: KeyPair, kemOutput: Uint8Array) => Uint8Array | undefined;
};

/** A Diffie-Hellman group from a library. `undefined` stands for a refused key or a shared secret that is the identity. */
export type DhGroup = {
  readonly publicKeyLength: number;
  readonly privateKeyLength: number;
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array | undefined;
  readonly isPublicKey: (publicKey: Uint8Array) => boolean;
  readonly sharedSecret: (privateKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined;
};

/** ML-KEM-768 (FIPS 203) from a library, its decapsulation key in the 64-byte seed form `d ‖ z`. */
export type MlKem768 = {
  readonly publicKey: (seed: Uint8Array) => Uint8Array;
  /** The modulus check of FIPS 203 §7.2 on a key of 1,184 bytes. */
  readonly isPublicKey: (publicKey: Uint8Array) => boolean;
  /** FIPS 203 `Encaps_internal`, `message` being the 32 random bytes. */
  readonly encapsulate: (publicKey: Uint8Array, message: Uint8Array) => Encapsulation | undefined;
  readonly decapsulate: (seed: Uint8Array, ciphertext: Uint8Array) => Uint8Array | undefined;
};
