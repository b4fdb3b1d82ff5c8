/**
 * Machine-readable zones of passports, identity cards and visas as text (ICAO Doc 9303 parts 4 to 7). Fields lie at fixed places of lines of fixed length:
 *
 *   TD3   2 × 44   passports        line 2: number[0..8] c nationality[10..12] birth[13..18] c sex expiry[21..26] c personal[28..41] c composite
 *   TD2   2 × 36   identity cards   line 2: the same to expiry, optional[28..34], composite
 *   TD1   3 × 30   identity cards   line 1: number[5..13] c optional; line 2: birth[0..5] c sex expiry[8..13] c nationality optional composite
 *   MRV   2 × 44 or 36, visas       line 2 as TD3 up to expiry, no composite
 */
import type { ExposureFinding, ExposureLevel } from "@sotto/protocol";
import { maskedEnd } from "./mask.ts";
import { checkDigitOf, isState } from "./mrz-check.ts";

type Part = readonly [line: number, from: number, to: number];
type Form = {
  readonly lines: number;
  readonly length: number;
  readonly first: RegExp;
  /** What each check digit is over, and where it is. */
  readonly checks: readonly { readonly over: readonly Part[]; readonly at: Part; readonly isOptional?: boolean }[];
  readonly number: Part;
  readonly state: Part;
  readonly nationality: Part;
};

const upTo = (line: number, length: number): Pick<Form, "number" | "nationality" | "lines" | "length" | "state"> => ({
  lines: 2,
  length,
  state: [0, 2, 5],
  number: [line, 0, 9],
  nationality: [line, 10, 13],
});
const BASIC: Form["checks"] = [
  { over: [[1, 0, 9]], at: [1, 9, 10] },
  { over: [[1, 13, 19]], at: [1, 19, 20] },
  { over: [[1, 21, 27]], at: [1, 27, 28] },
];
const ALL_OF_TWO: readonly Part[] = [
  [1, 0, 10],
  [1, 13, 20],
];

const FORMS: readonly Form[] = [
  {
    ...upTo(1, 44),
    first: /^P[A-Z<]/,
    checks: [...BASIC, { over: [[1, 28, 42]], at: [1, 42, 43], isOptional: true }, { over: [...ALL_OF_TWO, [1, 21, 43]], at: [1, 43, 44] }],
  },
  { ...upTo(1, 36), first: /^[ACI][A-Z<]/, checks: [...BASIC, { over: [...ALL_OF_TWO, [1, 21, 35]], at: [1, 35, 36] }] },
  { ...upTo(1, 44), first: /^V[A-Z<]/, checks: BASIC },
  { ...upTo(1, 36), first: /^V[A-Z<]/, checks: BASIC },
  {
    lines: 3,
    length: 30,
    first: /^[ACI][A-Z<]/,
    state: [0, 2, 5],
    number: [0, 5, 14],
    nationality: [1, 15, 18],
    checks: [
      { over: [[0, 5, 14]], at: [0, 14, 15] },
      { over: [[1, 0, 6]], at: [1, 6, 7] },
      { over: [[1, 8, 14]], at: [1, 14, 15] },
      {
        over: [
          [0, 5, 30],
          [1, 0, 7],
          [1, 8, 15],
          [1, 18, 29],
        ],
        at: [1, 29, 30],
      },
    ],
  },
];

const WHAT: Readonly<Record<string, string>> = { P: "passport", V: "visa" };
const part = (lines: readonly string[], [line, from, to]: Part): string => (lines[line] ?? "").slice(from, to);

/** How many check digits are right, and how many there are. */
function checked({ checks }: Form, lines: readonly string[]): { readonly right: number; readonly all: number } {
  let [right, all] = [0, 0];
  for (const { over, at, isOptional } of checks) {
    const digit = part(lines, at);
    const field = over.map((one) => part(lines, one)).join("");
    // An empty optional field may have a filler instead of 0.
    if (isOptional === true && digit === "<" && /^<+$/.test(field)) continue;
    all += 1;
    if (digit === String(checkDigitOf(field))) right += 1;
  }
  return { right, all };
}

type Zone = { readonly level: ExposureLevel; readonly what: string; readonly state: string; readonly number: string };

/** The zone that these lines are, if any: of the right lengths, letters A–Z, digits and `<` only. */
function readZone(lines: readonly string[]): Zone | undefined {
  for (const form of FORMS) {
    const [first = ""] = lines;
    if (lines.length !== form.lines || lines.some(({ length }) => length !== form.length) || !form.first.test(first)) continue;
    const { right, all } = checked(form, lines);
    const areStates = [form.state, form.nationality].map((place) => isState(part(lines, place)));
    const number = part(lines, form.number).replaceAll("<", "");
    if (number === "" || right < 2 || !areStates.includes(true)) continue;
    const level = right === all && !areStates.includes(false) ? "confirmed" : right >= all - 1 ? "likely" : "possible";
    return { level, what: WHAT[first.charAt(0)] ?? "identity-card", state: part(lines, form.state).replaceAll("<", ""), number };
  }
  return undefined;
}

const LINE_RAW_MAX = 120;
const ZONE_LINE = /^[A-Z0-9<]+$/;
type Line = { readonly text: string; readonly start: number; readonly end: number };

/** Lines that may be of a zone, in upper case and without spaces; others are undefined. A line that holds the whole zone is cut. */
function* zoneLines(text: string): Generator<Line | undefined> {
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const raw = end - start > LINE_RAW_MAX ? "" : text.slice(start, end);
    const line = raw.replaceAll("«", "<<").replaceAll(/\s/g, "").toUpperCase();
    if (!ZONE_LINE.test(line)) yield undefined;
    else {
      const width = { 88: 44, 72: 36, 90: 30 }[line.length] ?? line.length;
      for (let at = 0; at < line.length; at += width) yield { text: line.slice(at, at + width), start, end };
    }
    start = end + 1;
  }
}

export function* findZones(text: string): Generator<ExposureFinding> {
  let row: Line[] = [];
  for (const line of zoneLines(text)) {
    row = line === undefined ? [] : [...row.slice(-2), line];
    for (const count of [2, 3]) {
      const some = row.slice(-count);
      const zone = some.length === count ? readZone(some.map((one) => one.text)) : undefined;
      const [first, last] = [some[0], some.at(-1)];
      if (zone === undefined || first === undefined || last === undefined) continue;
      const { level, what, state, number } = zone;
      yield {
        kind: "document",
        level,
        what,
        masked: `${state} ${maskedEnd(number)}`,
        value: number,
        start: first.start,
        length: last.end - first.start,
      };
      row = [];
      break;
    }
  }
}
