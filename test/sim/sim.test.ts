/** A handful of lives, and that a seed tells the whole story. The many are in seeds-*.slow.test.ts. */
import { expect, test } from "vitest";
import { runSeed } from "./run.ts";

test.each([1, 2, 4, 8])("all promises hold after the life of seed %i", async (seed) => {
  const { problems, entries } = await runSeed(seed);
  expect(problems).toEqual([]);
  expect(entries).toBeGreaterThan(0);
});

test("the same seed gives the same run, step by step", async () => {
  const [first, second] = [await runSeed(3), await runSeed(3)];
  expect(second).toEqual(first);
  expect(first.lines).toBeGreaterThan(100);
  expect((await runSeed(2)).digest).not.toBe(first.digest);
});
