/**
 * SHA-2 of OpenSSL for long inputs. Below the threshold libsodium's WASM is faster, since a call into OpenSSL costs more than the hash;
 * HMAC stays with libsodium altogether: `createHmac` takes ten times as long on Node 24.
 */
import { hash } from "node:crypto";

import type { Hash } from "../src/crypto/hpke-suite.ts";

const LONG = 192;

export function nodeHash(algorithm: "sha256" | "sha512", short: Hash): Hash {
  return {
    ...short,
    hash: (data) => (data.length < LONG ? short.hash(data) : Uint8Array.from(hash(algorithm, data, "buffer"))),
  };
}
