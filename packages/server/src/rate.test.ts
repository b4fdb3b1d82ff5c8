import { expect, test } from "vitest";
import { newBucket, RateTable, takeFrom } from "./rate.ts";

const rate = { perSecond: 2, burst: 3 };

test("a bucket gives what was saved up, then so many a second", () => {
  const bucket = newBucket(rate, 0);
  expect([0, 0, 0].map((now) => takeFrom(bucket, rate, { now }))).toEqual([0, 0, 0]);
  expect(takeFrom(bucket, rate, { now: 0 })).toBe(500);
  expect(takeFrom(bucket, rate, { now: 250 })).toBe(250);
  expect(takeFrom(bucket, rate, { now: 500 })).toBe(0);
});

test("a clock that runs backwards gives nothing and takes nothing", () => {
  const bucket = newBucket(rate, 1_000);
  for (let i = 0; i < 3; i++) takeFrom(bucket, rate, { now: 1_000 });
  expect(takeFrom(bucket, rate, { now: 0 })).toBe(500);
  expect(takeFrom(bucket, rate, { now: 500 })).toBe(0);
});

test("each key has its own bucket, and the table does not grow for ever", () => {
  const table = new RateTable(rate, 100);
  for (let i = 0; i < 3; i++) expect(table.take("a", 0)).toBe(0);
  expect(table.take("a", 0)).toBeGreaterThan(0);
  expect(table.take("b", 0)).toBe(0);
  for (let i = 0; i < 1_000; i++) table.take(`key ${i}`, 0);
  expect(table.take("a", 0)).toBe(0);
});
