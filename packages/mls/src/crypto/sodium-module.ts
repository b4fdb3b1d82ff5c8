/**
 * The part of libsodium's WASM module that this package calls; whoever loads the module passes it in.
 *
 * Pointers are offsets into `HEAPU8`. A 64-bit length is two arguments, the low 32 bits first. A result of 0 is success. libsodium's own
 * wrapper is not used: half the time of a short hash went into its allocations, and it leaves secrets behind in the memory that it frees.
 */

/** Address in the WASM memory. */
export type Pointer = number;

type Length64 = [length: number, lengthHigh: number];
type Call<Arguments extends number[]> = (...pointersAndLengths: Arguments) => number;

export type HashCall = Call<[out: Pointer, data: Pointer, ...Length64]>;
export type MacInitCall = Call<[state: Pointer, key: Pointer, keyLength: number]>;
export type MacUpdateCall = Call<[state: Pointer, data: Pointer, ...Length64]>;
export type MacFinalCall = Call<[state: Pointer, out: Pointer]>;

type Ad = [aad: Pointer, aadLength: number, aadLengthHigh: number];

export type SodiumModule = {
  /** Replaced when the memory grows: read it anew after every call. */
  readonly HEAPU8: Uint8Array;
  readonly _malloc: (length: number) => Pointer;
  readonly _free: (pointer: Pointer) => void;
  readonly _sodium_init: () => number;

  readonly _crypto_hash_sha256: HashCall;
  readonly _crypto_hash_sha512: HashCall;
  readonly _crypto_hash_sha3256: HashCall;
  readonly _crypto_xof_shake256: Call<[out: Pointer, outLength: number, data: Pointer, ...Length64]>;

  readonly _crypto_auth_hmacsha256_statebytes: () => number;
  readonly _crypto_auth_hmacsha256_init: MacInitCall;
  readonly _crypto_auth_hmacsha256_update: MacUpdateCall;
  readonly _crypto_auth_hmacsha256_final: MacFinalCall;
  readonly _crypto_auth_hmacsha512_statebytes: () => number;
  readonly _crypto_auth_hmacsha512_init: MacInitCall;
  readonly _crypto_auth_hmacsha512_update: MacUpdateCall;
  readonly _crypto_auth_hmacsha512_final: MacFinalCall;

  readonly _crypto_aead_chacha20poly1305_ietf_encrypt: Call<
    [out: Pointer, outLength: 0, data: Pointer, ...Length64, ...Ad, secretNonce: 0, nonce: Pointer, key: Pointer]
  >;
  readonly _crypto_aead_chacha20poly1305_ietf_decrypt: Call<
    [out: Pointer, outLength: 0, secretNonce: 0, data: Pointer, ...Length64, ...Ad, nonce: Pointer, key: Pointer]
  >;

  readonly _crypto_scalarmult: Call<[shared: Pointer, privateKey: Pointer, publicKey: Pointer]>;
  readonly _crypto_scalarmult_base: Call<[publicKey: Pointer, privateKey: Pointer]>;

  readonly _crypto_sign_seed_keypair: Call<[publicKey: Pointer, privateKey: Pointer, seed: Pointer]>;
  readonly _crypto_sign_detached: Call<[out: Pointer, outLength: 0, data: Pointer, ...Length64, privateKey: Pointer]>;
  readonly _crypto_sign_verify_detached: Call<[signature: Pointer, data: Pointer, ...Length64, publicKey: Pointer]>;
  readonly _crypto_core_ed25519_add: Call<[sum: Pointer, left: Pointer, right: Pointer]>;

  readonly _crypto_kem_mlkem768_seed_keypair: Call<[publicKey: Pointer, privateKey: Pointer, seed: Pointer]>;
  readonly _crypto_kem_mlkem768_enc_deterministic: Call<[ciphertext: Pointer, shared: Pointer, publicKey: Pointer, seed: Pointer]>;
  readonly _crypto_kem_mlkem768_dec: Call<[shared: Pointer, ciphertext: Pointer, privateKey: Pointer]>;
};
