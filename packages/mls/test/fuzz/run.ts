/** Runs ranges of seeds for the test files, as the environment asks: one seed, a fixed number, or until it fails. */
import { expect, test } from "vitest";
import * as engine from "../../src/index.ts";
import { testProvider } from "../support/provider.ts";
import { type Life, runSeed } from "./driver.ts";

function variable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name];
}

/** Seeds that `npm test` runs. */
const SEEDS = __PLATFORM__ === "browser" ? 100 : 2_000;

const FILES = 4;

async function originalLife(): Promise<Life> {
  return { crypto: await testProvider(), engines: [engine] };
}

/** Numbers of the seeds of one file, in parts that are one test each. */
function partsOf(file: number): { readonly name: string; readonly seeds: Iterable<number> }[] {
  const single = variable("FUZZ_SEED");
  if (single !== undefined) {
    return [file === 0 ? { name: `seed ${single}`, seeds: [Number(single)] } : { name: "no seed: another file has the one", seeds: [] }];
  }
  if (variable("SLOW") === "1") return [{ name: "seeds until one fails", seeds: unbounded(file) }];
  const count = SEEDS / FILES;
  const size = Math.min(50, count);
  return Array.from({ length: count / size }, (_, part) => {
    const first = file * count + part * size;
    return { name: `seeds ${first} to ${first + size - 1}`, seeds: Array.from({ length: size }, (__, i) => first + i) };
  });
}

function* unbounded(file: number): Generator<number> {
  const seconds = Number(variable("FUZZ_SECONDS") ?? Number.POSITIVE_INFINITY);
  const end = Date.now() + seconds * 1_000;
  for (let seed = SEEDS + file; Date.now() < end; seed += FILES) yield seed;
}

/** The tests of one file of seeds. */
export function testLives(file: number): void {
  for (const { name, seeds } of partsOf(file)) {
    test(`groups live by ${name}`, { timeout: 0 }, async () => {
      const life = await originalLife();
      for (const seed of seeds) expect(runSeed(seed, life).people).toBeGreaterThan(0);
    });
  }
}
