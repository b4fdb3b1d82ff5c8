/**
 * The recovery key (spec/identity.md §Recovery key): 32 random bytes, made at sign-up, shown once, never sent.
 *
 * Its text form is base32 (52 characters), shown in groups of four. Reading takes any case, spaces and hyphens, and 0, 1 and 8 for the
 * letters o, i and b that the alphabet has instead. It has no checksum: the copy of the master key that it opens is one.
 */
import { base32ToBytes, bytesToBase32 } from "@sotto/protocol";
import type { Random } from "@sotto/mls";
import { type CoreOutcome, done, failed } from "../outcome.ts";

const RECOVERY_KEY_BYTES = 32;
const GROUP_LENGTH = 4;
const TYPED_LENGTH_MAX = 256;
const LOOKALIKES: Readonly<Record<string, string>> = { "0": "o", "1": "i", "8": "b" };

export function createRecoveryKey(random: Random): Uint8Array {
  return random(RECOVERY_KEY_BYTES);
}

export function recoveryKeyToText(key: Uint8Array): string {
  const text = bytesToBase32(key);
  const groups = Array.from({ length: Math.ceil(text.length / GROUP_LENGTH) }, (_, i) =>
    text.slice(i * GROUP_LENGTH, (i + 1) * GROUP_LENGTH),
  );
  return groups.join(" ");
}

export function parseRecoveryKey(typed: string): CoreOutcome<Uint8Array> {
  if (typed.length > TYPED_LENGTH_MAX) return failed("recovery_key_invalid");
  const letters = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll(/[018]/g, (digit) => LOOKALIKES[digit] ?? digit);
  const bytes = base32ToBytes(letters);
  return bytes?.length === RECOVERY_KEY_BYTES ? done(bytes) : failed("recovery_key_invalid");
}
