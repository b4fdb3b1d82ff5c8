import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cellWidth, cut, fit, wrap } from "./width.ts";

test("wide characters and emoji take two cells, marks none", () => {
  expect(["日本", "👩‍💻", "é", "🇩🇪", "ok"].map(cellWidth)).toEqual([4, 2, 1, 2, 2]);
});

test("text is cut between characters and says so", () => {
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("日本語", 4)).toBe("日…");
  expect(fit("日本語", 4)).toBe("日… ");
  expect(fit("ab", 4)).toBe("ab  ");
});

test("lines break between words, and inside long ones", () => {
  expect(wrap("the quick brown fox", 9)).toEqual(["the quick", "brown fox"]);
  expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  expect(wrap("a\n\nb", 4)).toEqual(["a", "", "b"]);
  expect(wrap("日本語日本語", 5)).toEqual(["日本", "語日", "本語"]);
});

test("no line is wider than asked, and no letter is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "👍", "é") }), fc.integer({ min: 2, max: 20 }), (text, width) => {
      const lines = wrap(text, width);
      for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      expect(cellWidth(fit(text, width))).toBe(width);
    }),
  );
});
