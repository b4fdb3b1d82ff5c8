/** Checking signatures of devices (spec/identity.md §Keys): Ed25519 (RFC 8032) from node:crypto; other algorithms count as wrong. */
import { createPublicKey, verify } from "node:crypto";
import { ED25519, type PublicKey } from "@sotto/protocol";

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4) up to the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

export function verifySignature({ algorithm, key }: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (algorithm !== ED25519 || key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" });
    return verify(null, message, publicKey, signature);
  } catch {
    // Bytes that are no point of the curve.
    return false;
  }
}
