/** ML-KEM-768 (FIPS 203) of libsodium, keys in seed form. */
import { isMlKem768PublicKey, ML_KEM_768_CIPHERTEXT_LENGTH, ML_KEM_768_KEY_LENGTH, ML_KEM_768_SEED_LENGTH } from "./ml-kem-encoding.ts";
import type { MlKem768 } from "./kem.ts";
import type { SodiumMemory } from "./sodium-memory.ts";

const EXPANDED_LENGTH = 2400;
const SHARED_LENGTH = 32;

export function sodiumMlKem768(memory: SodiumMemory): MlKem768 {
  const { module } = memory;
  return {
    publicKey(seed) {
      memory.begin(ML_KEM_768_KEY_LENGTH + EXPANDED_LENGTH + ML_KEM_768_SEED_LENGTH);
      const out = memory.reserve(ML_KEM_768_KEY_LENGTH);
      module._crypto_kem_mlkem768_seed_keypair(out, memory.reserve(EXPANDED_LENGTH), memory.place(seed));
      const publicKey = memory.take(out, ML_KEM_768_KEY_LENGTH);
      memory.end();
      return publicKey;
    },
    isPublicKey: isMlKem768PublicKey,
    encapsulate(publicKey, message) {
      if (!isMlKem768PublicKey(publicKey)) return undefined;
      memory.begin(ML_KEM_768_CIPHERTEXT_LENGTH + SHARED_LENGTH + publicKey.length + message.length);
      const ciphertext = memory.reserve(ML_KEM_768_CIPHERTEXT_LENGTH);
      const shared = memory.reserve(SHARED_LENGTH);
      const code = module._crypto_kem_mlkem768_enc_deterministic(ciphertext, shared, memory.place(publicKey), memory.place(message));
      const encapsulation = {
        kemOutput: memory.take(ciphertext, ML_KEM_768_CIPHERTEXT_LENGTH),
        sharedSecret: memory.take(shared, SHARED_LENGTH),
      };
      memory.end();
      return code === 0 ? encapsulation : undefined;
    },
    decapsulate(seed, ciphertext) {
      if (ciphertext.length !== ML_KEM_768_CIPHERTEXT_LENGTH) return undefined;
      memory.begin(ML_KEM_768_KEY_LENGTH + EXPANDED_LENGTH + ML_KEM_768_SEED_LENGTH + ciphertext.length + SHARED_LENGTH);
      const expanded = memory.reserve(EXPANDED_LENGTH);
      module._crypto_kem_mlkem768_seed_keypair(memory.reserve(ML_KEM_768_KEY_LENGTH), expanded, memory.place(seed));
      const shared = memory.reserve(SHARED_LENGTH);
      const code = module._crypto_kem_mlkem768_dec(shared, memory.place(ciphertext), expanded);
      const secret = code === 0 ? memory.take(shared, SHARED_LENGTH) : undefined;
      memory.end();
      return secret;
    },
  };
}
