/** What holds for every text. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findExposures } from "@sotto/archive";
import { withCheckDigit } from "@sotto/archive/testing";

const digits = (count: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((list) => list.join(""));

/** Pieces of what the detectors look for, so that chance gets near to it. */
const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  digits(4),
  digits(16),
  fc.constantFrom(
    "card ",
    "DE89",
    " ",
    "\n",
    "P<UTO",
    "<<<<<<",
    "password: ",
    "eyJ",
    "ghp_",
    "-----BEGIN PRIVATE KEY-----",
    "abandon ",
    "52.52000",
    ", ",
    "://a:",
  ),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

test("findings lie inside the text, apart from each other, and their masks show at most four characters of the value", () => {
  fc.assert(
    fc.property(text, text, (said, around) => {
      const found = findExposures(said, around).toSorted((a, b) => a.start - b.start);
      for (const { start, length } of found) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start + length).toBeLessThanOrEqual(said.length);
        expect(length).toBeGreaterThan(0);
      }
      expect(found.filter(({ masked, value, kind }) => kind !== "place" && value.length > 12 && masked.includes(value.slice(-5)))).toEqual(
        [],
      );
      expect(new Set(found.map(({ start }) => start)).size).toBe(found.length);
    }),
    { numRuns: 500 },
  );
});

test("a card number is found with its check digit, however it is written, and with no other one", () => {
  const number = fc
    .tuple(fc.constantFrom("4", "51", "2221", "6011"), digits(15))
    .map(([first, rest]) => withCheckDigit((first + rest).slice(0, 15)));
  fc.assert(
    fc.property(number, fc.constantFrom("", " ", "-"), fc.integer({ min: 1, max: 9 }), (card, separator, slip) => {
      const written = card.replaceAll(/(\d{4})(?=\d)/g, `$1${separator}`);
      expect(findExposures(`my card: ${written}`)).toMatchObject([{ kind: "card", level: "confirmed", value: card }]);
      const wrong = written.slice(0, -1) + String((Number(written.at(-1)) + slip) % 10);
      expect(findExposures(`my card: ${wrong}`)).toEqual([]);
    }),
  );
});

describe("texts that are made to take long are done with at once", () => {
  const repeated = (unit: string): string => unit.repeat(Math.ceil(1_048_576 / unit.length));
  test.each([
    ["digits", "1"],
    ["digits apart", "4 "],
    ["groups", "4111 "],
    ["beginnings of accounts", "DE89 "],
    ["beginnings of web tokens", "eyJ"],
    ["parts of web tokens", "eyJaaaaaaaaaa.eyJaaaaaaaaaaa."],
    ["beginnings of keys", "-----BEGIN PRIVATE KEY-----"],
    ["words of the list", "abandon "],
    ["fillers", "P<UTO<<<<7<\n"],
    ["names of passwords", "password: "],
    ["spaces behind a name", "password  \t"],
    ["addresses", "://a:b"],
    ["addresses without an end", "://aaaa:"],
    ["points", "1.11111,"],
    ["letters", "a"],
    ["marks", "́"],
  ])("%s", (_, unit) => {
    expect(findExposures(`1234567890123 seed\n: ${repeated(unit)}`).length).toBeLessThanOrEqual(100);
  });
});
