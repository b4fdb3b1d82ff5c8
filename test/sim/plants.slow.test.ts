/** The simulator sees what it is there for: with a durability write skipped, promises break within the seeds of one run. */
import { expect, test } from "vitest";
import { NOTHING_PLANTED, type Plant } from "./plants/plant.ts";
import { PLANTS } from "./plants/plants.ts";
import { runSeed } from "./run.ts";

const SEEDS = 500;

/** The first seed of which the life is broken by the plant and by nothing else. */
async function firstBrokenBy(plant: Plant): Promise<{ readonly seed: number; readonly problems: readonly string[] } | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { problems } = await runSeed(seed, { plant });
    const isFound = problems.length > 0 && (await runSeed(seed, { plant: NOTHING_PLANTED })).problems.length === 0;
    if (isFound) return { seed, problems };
  }
  return undefined;
}

test.each(PLANTS)("the plant $name is found", { timeout: 0 }, async (plant) => {
  const found = await firstBrokenBy(plant);
  expect(found?.problems.length ?? 0).toBeGreaterThan(0);
});
