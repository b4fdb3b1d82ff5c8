import { expect, test } from "vitest";
import { Serial } from "./serial.ts";

test("items that come while a task is under way share the next one, in order", async () => {
  const serial = new Serial();
  const batches: number[][] = [];
  const task = (items: readonly number[]) => {
    batches.push([...items]);
    return Promise.resolve(items.map(() => undefined));
  };
  const first = serial.runTogether("log", 1, task);
  const rest = [2, 3, 4].map((item) => serial.runTogether("log", item, task));
  await Promise.all([first, ...rest]);
  expect(batches.flat()).toEqual([1, 2, 3, 4]);
  expect(batches.length).toBeLessThan(4);
  expect(serial.isIdle).toBe(true);
});

test("an item that cannot be done fails alone, and a task that fails fails all of its items", async () => {
  const serial = new Serial();
  const task = (items: readonly number[]) => Promise.resolve(items.map((item) => (item === 2 ? new Error("two") : undefined)));
  const results = await Promise.allSettled([1, 2, 3].map((item) => serial.runTogether("log", item, task)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const broken = () => Promise.reject(new Error("full"));
  const all = await Promise.allSettled([1, 2].map((item) => serial.runTogether("log", item, broken)));
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(serial.run("log", () => Promise.resolve("goes on"))).resolves.toBe("goes on");
});

test("no task takes more than its share", async () => {
  const serial = new Serial();
  const sizes: number[] = [];
  const task = (items: readonly number[]) => {
    sizes.push(items.length);
    return Promise.resolve(items.map(() => undefined));
  };
  await Promise.all(Array.from({ length: 200 }, (_, item) => serial.runTogether("log", item, task)));
  expect(Math.max(...sizes)).toBe(64);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(200);
});
