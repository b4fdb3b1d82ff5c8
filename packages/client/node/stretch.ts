/** Passphrases as keys on Node.js: scrypt (RFC 7914), N = 2^16, r = 8, p = 1, 32 bytes; about a quarter of a second and 64 MiB. */
import { scryptSync } from "node:crypto";

const KEY_BYTES = 32;
const SCRYPT = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

export function stretcher(passphrase: string): (salt: Uint8Array) => Uint8Array {
  return (salt) => new Uint8Array(scryptSync(passphrase.normalize("NFC"), salt, KEY_BYTES, SCRYPT));
}
