/** SHA-2, HMAC, SHA-3 and SHAKE (FIPS 180-4, RFC 2104, FIPS 202) of libsodium. */
import type { Hash } from "./hpke-suite.ts";
import type { SodiumMemory } from "./sodium-memory.ts";
import type { HashCall, MacFinalCall, MacInitCall, MacUpdateCall } from "./sodium-module.ts";

export type SodiumHashes = {
  readonly sha256: Hash;
  readonly sha512: Hash;
  readonly sha3: (data: Uint8Array) => Uint8Array;
  readonly shake256: (data: Uint8Array, length: number) => Uint8Array;
};

type HmacCalls = {
  readonly length: number;
  readonly stateLength: number;
  readonly init: MacInitCall;
  readonly update: MacUpdateCall;
  readonly final: MacFinalCall;
};

export function sodiumHashes(memory: SodiumMemory): SodiumHashes {
  const { module } = memory;
  return {
    sha256: {
      length: 32,
      hash: hashWith(memory, 32, module._crypto_hash_sha256),
      hmac: hmacWith(memory, {
        length: 32,
        stateLength: module._crypto_auth_hmacsha256_statebytes(),
        init: module._crypto_auth_hmacsha256_init,
        update: module._crypto_auth_hmacsha256_update,
        final: module._crypto_auth_hmacsha256_final,
      }),
    },
    sha512: {
      length: 64,
      hash: hashWith(memory, 64, module._crypto_hash_sha512),
      hmac: hmacWith(memory, {
        length: 64,
        stateLength: module._crypto_auth_hmacsha512_statebytes(),
        init: module._crypto_auth_hmacsha512_init,
        update: module._crypto_auth_hmacsha512_update,
        final: module._crypto_auth_hmacsha512_final,
      }),
    },
    sha3: hashWith(memory, 32, module._crypto_hash_sha3256),
    shake256(data, length) {
      memory.begin(data.length + length);
      const out = memory.reserve(length);
      module._crypto_xof_shake256(out, length, memory.place(data), data.length, 0);
      const digest = memory.take(out, length);
      memory.end();
      return digest;
    },
  };
}

function hashWith(memory: SodiumMemory, length: number, call: HashCall): (data: Uint8Array) => Uint8Array {
  return (data) => {
    memory.begin(data.length + length);
    const out = memory.reserve(length);
    call(out, memory.place(data), data.length, 0);
    const digest = memory.take(out, length);
    memory.end();
    return digest;
  };
}

function hmacWith(memory: SodiumMemory, calls: HmacCalls): (key: Uint8Array, data: Uint8Array) => Uint8Array {
  return (key, data) => {
    memory.begin(calls.stateLength + calls.length + key.length + data.length);
    const state = memory.reserve(calls.stateLength);
    const out = memory.reserve(calls.length);
    calls.init(state, memory.place(key), key.length);
    calls.update(state, memory.place(data), data.length, 0);
    calls.final(state, out);
    const code = memory.take(out, calls.length);
    memory.end();
    return code;
  };
}
