/** Some dozens of hard lives, see world/hardship.ts. Many more: `npm run sim -- --hard --seed 1 --seeds 1000`. */
import { expect, test } from "vitest";
import { brokenAmong } from "./seeds.ts";

const SEEDS = 40;
const PER_TEST = 10;

const firsts = Array.from({ length: SEEDS / PER_TEST }, (_, at) => 1 + at * PER_TEST);

test.each(firsts)("all promises hold after the hard lives of ten seeds from %i on", { timeout: 0 }, async (first) => {
  const seeds = Array.from({ length: PER_TEST }, (_, at) => first + at);
  expect(await brokenAmong(seeds, "hard")).toEqual([]);
});
