/** AES-GCM (NIST SP 800-38D) of noble: synchronous, where WebCrypto is not, and present, where libsodium's WASM build has none. */
import { gcm } from "@noble/ciphers/aes.js";

import type { AeadFunctions } from "../src/crypto/hpke-suite.ts";

/** For AES-128 and AES-256: the key decides. */
export const nobleAesGcm: AeadFunctions = {
  seal: (key, nonce, { aad, data }) => gcm(key, nonce, aad).encrypt(data),
  open(key, nonce, { aad, data }) {
    try {
      return gcm(key, nonce, aad).decrypt(data);
    } catch {
      return undefined;
    }
  },
};
