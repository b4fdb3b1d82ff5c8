/**
 * The many lives, for the test files: `npm test` runs 500 of them, SLOW=1 makes it 20,000. Each file has a part, so that every core has one.
 * The first seeds are the same in both, so that what fails there fails here.
 */
import { expect, test } from "vitest";
import { runSeed } from "./run.ts";

const FILES = 4;
const SEEDS = process.env["SLOW"] === "1" ? 20_000 : 500;
/** Seeds in one test, which a failure names one by one. */
const PER_TEST = 25;

/** Lets the runner of the tests hear that this process is alive: a run itself never waits for anything. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function brokenAmong(seeds: readonly number[], asked?: "hard" | "ruin"): Promise<string[]> {
  const broken: string[] = [];
  for (const seed of seeds) {
    const { problems } = await runSeed(seed, { asked });
    if (problems.length > 0)
      broken.push(`npm run sim -- --seed ${seed}${asked === undefined ? "" : ` --${asked}`} --verbose: ${problems.slice(0, 5).join("; ")}`);
    await breathe();
  }
  return broken;
}

/** The seeds of one file, in tests of some each. `file` counts from 0. */
export function testSeeds(file: number): void {
  const count = SEEDS / FILES;
  for (let done = 0; done < count; done += PER_TEST) {
    const first = 1 + file * count + done;
    const seeds = Array.from({ length: Math.min(PER_TEST, count - done) }, (_, at) => first + at);
    test(`all promises hold after the lives of seeds ${first} to ${first + seeds.length - 1}`, { timeout: 0 }, async () => {
      expect(await brokenAmong(seeds)).toEqual([]);
    });
  }
}
