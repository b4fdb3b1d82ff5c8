/** How often the hostile tests run: from one seed, `SLOW=1` in the environment makes it twenty times as often. */
import * as fc from "fast-check";
import { expect } from "vitest";
import { Dice } from "../fuzz/dice.ts";

/** A case that takes longer than this hangs. */
const CASE_MS_MAX = 2_000;

function isSlow(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return (process?.env?.["SLOW"] ?? "") !== "";
}

export function runsOf(count: number): number {
  return isSlow() ? count * 20 : count;
}

/** Runs `use` with dice of many seeds; no case may throw or hang. What it returns is a code or "ok"; how often each came is returned. */
export function diceRuns(name: string, count: number, use: (dice: Dice) => string): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  const one = fc.property(fc.noShrink(fc.integer()), (seed) => {
    const start = performance.now();
    const code = use(new Dice(`${name} ${seed}`));
    expect(performance.now() - start).toBeLessThan(CASE_MS_MAX);
    seen.set(code, (seen.get(code) ?? 0) + 1);
  });
  fc.assert(one, { seed: 9420, numRuns: runsOf(count), endOnFailure: true });
  return seen;
}

/** What an encoder makes of a value that no type allows; `undefined` where it cannot. */
export function encodable<T>(encode: () => T): T | undefined {
  try {
    return encode();
  } catch {
    return undefined;
  }
}
