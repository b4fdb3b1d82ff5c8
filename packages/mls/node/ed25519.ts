/**
 * Ed25519 (RFC 8032): signing with OpenSSL, which is the fastest once a key is imported, and verifying with libsodium, which is as fast
 * and needs no import. Both providers thus verify with the same code.
 */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { ED25519_KEY_LENGTH } from "../src/crypto/ed25519-encoding.ts";
import type { SignatureScheme } from "../src/crypto/hpke-suite.ts";
import { concatBytes } from "../src/crypto/hpke-kdf.ts";
import { KeyCache } from "../src/crypto/key-cache.ts";

/** DER of PKCS #8 (RFC 8410 §7) up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** An import costs more than a signature. */
const CACHED_KEYS = 256;

type Imported = { readonly key: KeyObject; readonly publicKey: Uint8Array };

export function nodeEd25519(sodium: SignatureScheme): SignatureScheme {
  const imported = new KeyCache<Imported>(CACHED_KEYS, importSeed);
  return {
    ...sodium,
    keyPair(random) {
      const privateKey = random(ED25519_KEY_LENGTH);
      return { privateKey, publicKey: Uint8Array.from(imported.get(privateKey).publicKey) };
    },
    publicKey: (seed) => (seed.length === ED25519_KEY_LENGTH ? Uint8Array.from(imported.get(seed).publicKey) : undefined),
    sign(seed, message) {
      if (seed.length !== ED25519_KEY_LENGTH) throw new RangeError("Ed25519 private key of a wrong length");
      return Uint8Array.from(sign(null, message, imported.get(seed).key));
    },
  };
}

function importSeed(seed: Uint8Array): Imported {
  const der = concatBytes(PKCS8_PREFIX, seed);
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: "der", type: "pkcs8" });
  der.fill(0);
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return { key, publicKey: Uint8Array.from(Buffer.from(x, "base64url")) };
}
