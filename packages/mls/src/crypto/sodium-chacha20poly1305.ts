/** ChaCha20-Poly1305 (RFC 8439) of libsodium. */
import type { AeadFunctions } from "./hpke-suite.ts";
import type { SodiumMemory } from "./sodium-memory.ts";

const TAG_LENGTH = 16;

export function sodiumChaCha20Poly1305(memory: SodiumMemory): AeadFunctions {
  const { module } = memory;
  return {
    seal(key, nonce, { aad, data }) {
      const length = data.length + TAG_LENGTH;
      memory.begin(key.length + nonce.length + aad.length + data.length + length);
      const out = memory.reserve(length);
      const [keyAt, nonceAt, aadAt, dataAt] = [memory.place(key), memory.place(nonce), memory.place(aad), memory.place(data)];
      module._crypto_aead_chacha20poly1305_ietf_encrypt(out, 0, dataAt, data.length, 0, aadAt, aad.length, 0, 0, nonceAt, keyAt);
      const sealed = memory.take(out, length);
      memory.end();
      return sealed;
    },
    open(key, nonce, { aad, data }) {
      const length = data.length - TAG_LENGTH;
      memory.begin(key.length + nonce.length + aad.length + data.length + length);
      const out = memory.reserve(length);
      const [keyAt, nonceAt, aadAt, dataAt] = [memory.place(key), memory.place(nonce), memory.place(aad), memory.place(data)];
      const code = module._crypto_aead_chacha20poly1305_ietf_decrypt(
        out,
        0,
        0,
        dataAt,
        data.length,
        0,
        aadAt,
        aad.length,
        0,
        nonceAt,
        keyAt,
      );
      const opened = code === 0 ? memory.take(out, length) : undefined;
      memory.end();
      return opened;
    },
  };
}
