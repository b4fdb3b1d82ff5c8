/** The provider and the randomness that tests use. */
import { createHash } from "node:crypto";
import type { CryptoProvider } from "@sotto/mls";
import { createNodeProvider } from "@sotto/mls/node";
import type { CoreContext, CoreErrorCode, CoreOutcome } from "@sotto/core";

export const crypto: CryptoProvider = await createNodeProvider();
export const NOW = 1_800_000_000_000;

/** A stream of bytes that depends on `seed` alone. For tests only. */
export function testRandom(seed: string): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => {
    const bytes = createHash("shake256", { outputLength: Math.max(1, length) })
      .update(`${seed} ${calls++}`)
      .digest();
    return Uint8Array.from(bytes.subarray(0, length));
  };
}

export function contextFor(seed: string): CoreContext {
  return { crypto, random: testRandom(seed), now: NOW };
}

/** The value of an outcome that a test expects to be good. */
export function must<T>(outcome: CoreOutcome<T>): T {
  if (!outcome.ok) throw new Error(`unexpected failure: ${outcome.code}`);
  return outcome.value;
}

/** Of what a reader inside core gives as undefined: its caller tells the code. */
export function asOutcome<T>(value: T | undefined, code: CoreErrorCode): CoreOutcome<T> {
  return value === undefined ? { ok: false, code, message: code } : { ok: true, value };
}

export function codeOf(outcome: CoreOutcome<unknown>): string {
  return outcome.ok ? "ok" : outcome.code;
}
