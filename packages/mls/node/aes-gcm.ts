/** AES-GCM (NIST SP 800-38D) of OpenSSL. */
import { createCipheriv, createDecipheriv } from "node:crypto";

import type { AeadFunctions } from "../src/crypto/hpke-suite.ts";

const TAG_LENGTH = 16;

export function nodeAesGcm(algorithm: "aes-128-gcm" | "aes-256-gcm"): AeadFunctions {
  return {
    seal(key, nonce, { aad, data }) {
      const cipher = createCipheriv(algorithm, key, nonce);
      if (aad.length > 0) cipher.setAAD(aad);
      const sealed = new Uint8Array(data.length + TAG_LENGTH);
      sealed.set(cipher.update(data));
      cipher.final();
      sealed.set(cipher.getAuthTag(), data.length);
      return sealed;
    },
    open(key, nonce, { aad, data }) {
      const length = data.length - TAG_LENGTH;
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: TAG_LENGTH });
      if (aad.length > 0) decipher.setAAD(aad);
      decipher.setAuthTag(data.subarray(length));
      const opened = Uint8Array.from(decipher.update(data.subarray(0, length)));
      try {
        decipher.final();
        return opened;
      } catch {
        opened.fill(0);
        return undefined;
      }
    },
  };
}
