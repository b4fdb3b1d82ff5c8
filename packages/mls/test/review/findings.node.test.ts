/** The findings in `spec/mls-profile.md` name tests that exist, and none is left out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const profile = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "spec", "mls-profile.md"), "utf8");
const findings = profile
  .slice(profile.indexOf("## Review findings"))
  .split("\n")
  .filter((line) => /^\| \d+ /.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test("each finding has a test that holds it", () => {
  expect(findings.map(([number]) => Number(number))).toEqual(Array.from({ length: 34 }, (_, i) => i + 1));
  const missing = findings.filter(([, , , , file = "", name = ""]) => {
    const source = readFileSync(join(import.meta.dirname, `${file.replaceAll("`", "")}.test.ts`), "utf8");
    return ![`"${name}"`, `("${name}`].some((text) => source.includes(text));
  });
  expect(missing).toEqual([]);
});
