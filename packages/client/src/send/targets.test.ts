import { expect, test } from "vitest";
import { isEmoji } from "./targets.ts";

test.each(["👍", "❤", "❤️", "👩🏽‍🚀", "🇩🇪", "1️⃣"])("%s is a reaction", (text) => {
  expect(isEmoji(text)).toBe(true);
});

test.each(["", " ", "a", "5", "hi", "👍👍", "👍 "])("%j is none", (text) => {
  expect(isEmoji(text)).toBe(false);
});
