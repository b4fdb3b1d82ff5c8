/**
 * Ed25519 (RFC 8032) for Node. OpenSSL signs fastest once a key is imported, but an import costs more than a signature, so a key's first
 * signatures are libsodium's (the algorithm is deterministic: both make the same). Verifying is libsodium's in both providers, as fast as
 * OpenSSL without an import, and equally strict by construction.
 */
import { createPrivateKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { concat } from "../src/bytes.ts";
import { ED25519_KEY_LENGTH } from "../src/crypto/ed25519-encoding.ts";
import type { SignatureScheme } from "../src/crypto/hpke-suite.ts";
import { KeyCache } from "../src/crypto/key-cache.ts";

/** DER of PKCS #8 (RFC 8410 §7) up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** A key package takes two signatures, and its key may sign nothing else for long. */
const SIGNATURES_BEFORE_IMPORT = 2;
const CACHED_KEYS = 256;

type Signer = { signatures: number; key?: KeyObject };

export function nodeEd25519(sodium: SignatureScheme): SignatureScheme {
  const signers = new KeyCache<Signer>(CACHED_KEYS, () => ({ signatures: 0 }));
  return {
    ...sodium,
    sign(seed, message) {
      if (seed.length !== ED25519_KEY_LENGTH) throw new RangeError("Ed25519 private key of a wrong length");
      const signer = signers.get(seed);
      if (++signer.signatures <= SIGNATURES_BEFORE_IMPORT) return sodium.sign(seed, message);
      signer.key ??= importSeed(seed);
      return Uint8Array.from(sign(null, message, signer.key));
    },
  };
}

function importSeed(seed: Uint8Array): KeyObject {
  const der = concat(PKCS8_PREFIX, seed);
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: "der", type: "pkcs8" });
  der.fill(0);
  return key;
}
