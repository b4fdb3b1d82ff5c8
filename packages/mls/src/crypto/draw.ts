/**
 * Drawing from the caller's randomness (RFC 9420 §5.1: all keys and secrets come from it). A source that returns fewer bytes than it
 * was asked for would make guessable keys without anybody noticing, so the length is checked each time.
 */
import { check } from "../outcome.ts";
import type { Random } from "./provider.ts";

/** Exactly `length` random bytes. Throws Reject `usage` when the source returns anything else. */
export function draw(random: Random, length: number): Uint8Array {
  const bytes: unknown = random(length);
  check(bytes instanceof Uint8Array && bytes.length === length, "usage");
  return bytes;
}
