/**
 * The part of libsodium's WASM module that this package calls; whoever loads the module passes it in.
 *
 * Pointers are offsets into `HEAPU8`. A 64-bit length is two arguments, the low 32 bits first. A result of 0 is success. libsodium's own
 * wrapper is not used: half the time of a short hash went into its allocations, and it leaves secrets behind in the memory that it frees.
 */
export type SodiumModule = {
  /** Replaced when the memory grows: read it anew after every call. */
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  _free(pointer: number): void;
  _sodium_init(): number;

  _crypto_hash_sha256(out: number, data: number, length: number, lengthHigh: number): number;
  _crypto_hash_sha512(out: number, data: number, length: number, lengthHigh: number): number;
  _crypto_hash_sha3256(out: number, data: number, length: number, lengthHigh: number): number;
  _crypto_xof_shake256(out: number, outLength: number, data: number, length: number, lengthHigh: number): number;

  _crypto_auth_hmacsha256_statebytes(): number;
  _crypto_auth_hmacsha256_init(state: number, key: number, keyLength: number): number;
  _crypto_auth_hmacsha256_update(state: number, data: number, length: number, lengthHigh: number): number;
  _crypto_auth_hmacsha256_final(state: number, out: number): number;
  _crypto_auth_hmacsha512_statebytes(): number;
  _crypto_auth_hmacsha512_init(state: number, key: number, keyLength: number): number;
  _crypto_auth_hmacsha512_update(state: number, data: number, length: number, lengthHigh: number): number;
  _crypto_auth_hmacsha512_final(state: number, out: number): number;

  _crypto_aead_chacha20poly1305_ietf_encrypt(...pointers: ChaChaArguments): number;
  _crypto_aead_chacha20poly1305_ietf_decrypt(...pointers: ChaChaArguments): number;

  _crypto_scalarmult(shared: number, privateKey: number, publicKey: number): number;
  _crypto_scalarmult_base(publicKey: number, privateKey: number): number;

  _crypto_sign_seed_keypair(publicKey: number, privateKey: number, seed: number): number;
  _crypto_sign_detached(out: number, outLength: number, data: number, length: number, lengthHigh: number, privateKey: number): number;
  _crypto_sign_verify_detached(signature: number, data: number, length: number, lengthHigh: number, publicKey: number): number;
  _crypto_core_ed25519_add(sum: number, left: number, right: number): number;

  _crypto_kem_mlkem768_seed_keypair(publicKey: number, privateKey: number, seed: number): number;
  _crypto_kem_mlkem768_enc_deterministic(ciphertext: number, shared: number, publicKey: number, seed: number): number;
  _crypto_kem_mlkem768_dec(shared: number, ciphertext: number, privateKey: number): number;
};

/** Encrypting: out, 0, data, length(2), aad, length(2), 0, nonce, key. Decrypting: out, 0, 0, data, length(2), aad, length(2), nonce, key. */
export type ChaChaArguments = [number, number, number, number, number, number, number, number, number, number, number];
