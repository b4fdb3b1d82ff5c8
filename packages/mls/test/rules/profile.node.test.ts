/** `spec/mls-profile.md` says what is there: every function, test, code and limit that it names exists, and none is left out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LIMITS, SUITE } from "../../src/index.ts";

const PACKAGE = join(import.meta.dirname, "..", "..");
const profile = readFileSync(join(PACKAGE, "..", "..", "spec", "mls-profile.md"), "utf8");

function source(path: string): string {
  return readFileSync(join(PACKAGE, "src", path), "utf8");
}

/** Cells of the table rows that have so many. */
function rows(cells: number, text: string = profile): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[ -]+\|/.test(line.replaceAll("- ", "-")))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((list) => list.length === cells && !list.every((cell) => /^-+$/.test(cell)));
}

const rules = rows(5).filter(([first]) => first !== "section");

describe("the table of rules", () => {
  test("is long", () => {
    expect(rules.length).toBeGreaterThan(200);
  });
  test("names functions that exist", () => {
    const missing = rules.filter(([, , held]) => {
      const [, path = "", name = ""] = /^`(.*)` (\S+)$/.exec(held ?? "") ?? [];
      return !new RegExp(`\\b${name}(<[^>]*>)?\\(`).test(source(path));
    });
    expect(missing).toEqual([]);
  });
  test("names tests that exist", () => {
    const missing = rules.filter(([, , , , shown = ""]) => {
      const [file = "", ...name] = shown.split(": ");
      return !readFileSync(join(PACKAGE, "test", "rules", `${file}.test.ts`), "utf8").includes(`test("${name.join(": ")}"`);
    });
    expect(missing).toEqual([]);
  });
  test("names codes that exist, and that its tests expect", () => {
    const known = source("outcome.ts");
    const wrong = rules.filter(([, , , code = "", shown = ""]) => {
      if (code === "accepted") return false;
      const file = readFileSync(join(PACKAGE, "test", "rules", `${shown.split(": ")[0] ?? ""}.test.ts`), "utf8");
      const name = code.replaceAll("`", "");
      return !known.includes(`  ${name}: "`) || !file.includes(`"${name}"`);
    });
    expect(wrong).toEqual([]);
  });
});

describe("the profile", () => {
  test("lists every limit with its value", () => {
    const listed = Object.fromEntries(
      rows(3).flatMap(([name = "", value = ""]) =>
        /^`\w+Max`$/.test(name) && /^\d+$/.test(value) ? [[name.replaceAll("`", ""), Number(value)]] : [],
      ),
    );
    expect(listed).toEqual(LIMITS);
  });
  test("lists every code", () => {
    const codes = [...source("outcome.ts").matchAll(/^ {2}(\w+): "/gm)].map(([, code]) => code);
    const listed = rows(2).flatMap(([code = ""]) => (code.startsWith("`") ? [code.replaceAll("`", "")] : []));
    expect(listed).toEqual(codes);
  });
  test("lists every field of the policy", () => {
    const body = /export type Policy = \{([\s\S]*?)\n\};/.exec(source("group/context.ts"))?.[1] ?? "";
    const fields = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map(([, field]) => field);
    const section = profile.slice(profile.indexOf("## Policy"), profile.indexOf("## Limits"));
    expect(rows(3, section).flatMap(([field = ""]) => (field.startsWith("`") ? [field.replaceAll("`", "")] : []))).toEqual(fields);
  });
  test("lists every suite", () => {
    const listed = rows(3).flatMap(([, number = ""]) => (number.startsWith("0x") ? [Number(number)] : []));
    expect(listed).toEqual(Object.values(SUITE));
  });
});
