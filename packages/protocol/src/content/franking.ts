/**
 * The franking tag (spec/content.md §Commitment): tag = HMAC-SHA256(salt, content), 32 bytes, where `content` is the encoded container before
 * padding and `salt` the 16 bytes inside it. It travels in clear beside the ciphertext and in the MLS authenticated data, so that a report
 * can later show what it commits to. The salt has a fixed length, so two keys never pad to the same HMAC key.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { equalTags } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { ProtocolError } from "../outcome.ts";
import { SALT_BYTES } from "./mimi-content.ts";

export function frankingTag(salt: Uint8Array, content: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new ProtocolError("content_salt");
  return hmac(sha256, salt, content);
}

export function isFrankingTag(tag: Uint8Array, salt: Uint8Array, content: Uint8Array): boolean {
  return salt.length === SALT_BYTES && equalTags(tag, frankingTag(salt, content));
}
