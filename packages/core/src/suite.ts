/**
 * The ciphersuites of Sotto (spec/groups.md §Suite).
 *
 *   messages  MLKEM768X25519, AES-128-GCM, SHA-256, Ed25519 under a private number: leaf keys, groups, inbox notes, identity chains
 *   storage   only its AES-256-GCM is used, for what lies on servers for years: blobs, archive segments, wrapped master keys
 */
import { type CipherSuite, type CryptoProvider, SUITE } from "@sotto/mls";
import { ProtocolError } from "@sotto/protocol";

export const MESSAGE_SUITE: number = SUITE.mlkem768X25519Aes128;
const STORAGE_SUITE: number = SUITE.xwingAes256Sha512;

function needSuite(crypto: CryptoProvider, id: number): CipherSuite {
  const suite = crypto.suite(id);
  if (suite === undefined) throw new ProtocolError("version_unsupported");
  return suite;
}

/** Throws ProtocolError when the provider lacks the suite: a mistake in the set-up, never the effect of input. */
export function messageSuite(crypto: CryptoProvider): CipherSuite {
  return needSuite(crypto, MESSAGE_SUITE);
}

export type Aes256Gcm = Pick<CipherSuite, "aeadSeal" | "aeadOpen">;

/** AES-256-GCM: keys of 32 bytes, nonces of 12, tags of 16. */
export function storageCipher(crypto: CryptoProvider): Aes256Gcm {
  return needSuite(crypto, STORAGE_SUITE);
}
