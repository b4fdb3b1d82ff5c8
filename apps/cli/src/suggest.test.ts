import { expect, test } from "vitest";
import { nearest } from "./suggest.ts";

const NAMES = ["send", "search", "settings", "vote"];

test.each([
  ["sned", "send"],
  ["sen", "send"],
  ["serch", "search"],
  ["setings", "settings"],
])("%s: %s was meant", (typed, meant) => {
  expect(nearest(typed, NAMES)).toBe(meant);
});

test.each(["", "v", "frobnicate", "x".repeat(10_000)])("nothing is near %s", (typed) => {
  expect(nearest(typed, NAMES)).toBeUndefined();
});
