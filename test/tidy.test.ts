/** House rules that no linter knows. Each one lists the places that break it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const CODE_LINES_MAX = 400;

/** Committed files, and new ones that git does not ignore. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const isTest = (path: string): boolean => /\.test\.ts$|(^|\/)test\//.test(path);
const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path);
const isText = (path: string): boolean =>
  /(^|\/)[^.]*$|\.(ts|tsx|mjs|js|json|jsonc|md|css|html|yml|yaml|sh|svg|txt|sql)$|(^|\/)\.[a-z]+(rc|ignore|config)?$/.test(path);

const codeFiles = files.filter(isCode);
const productFiles = codeFiles.filter((path) => /^(packages|apps)\//.test(path) && !isTest(path));

/** The lines that match, as path:line: text. */
function linesThat(pattern: RegExp, paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** Replaces comments by nothing, keeping the lines. Good enough for our code: no regular expression or string holds a comment mark. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, "")).replaceAll(/(^|[^:"'`])\/\/.*$/gm, "$1");

const codeLines = (path: string): number =>
  withoutComments(textOf(path))
    .split("\n")
    .filter((line) => line.trim() !== "").length;

describe("pure code", () => {
  const pure = productFiles.filter((path) => /^packages\/((protocol|core|archive)\/|(mls|client)\/src\/)/.test(path));
  const banned = /\b(Date\.now|new Date\(\)|Math\.random|getRandomValues|randomUUID|performance\.now|console\.|process\.|globalThis\b)/;

  test("takes the clock, randomness and the world as arguments", () => {
    const found = pure.flatMap((path) =>
      withoutComments(textOf(path))
        .split("\n")
        .flatMap((line, index) => (banned.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test("knows its own banned words", () => {
    expect(banned.test("const now = Date.now();")).toBe(true);
    expect(banned.test("const x = crypto.getRandomValues(y);")).toBe(true);
    expect(banned.test("const processed = reprocess(x);")).toBe(false);
  });
});

describe("files", () => {
  test(`have at most ${CODE_LINES_MAX} lines of code`, () => {
    expect(codeFiles.map((path) => [path, codeLines(path)] as const).filter(([, lines]) => lines > CODE_LINES_MAX)).toEqual([]);
  });

  test("have kebab-case names", () => {
    const name = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
    expect(codeFiles.filter((path) => !path.split("/").every((part) => name.test(part)))).toEqual([]);
  });

  test("of the packages have no default export", () => {
    expect(
      linesThat(
        /^export (default\b|\{.*\bas default\b)/,
        productFiles.filter((path) => path.startsWith("packages/")),
      ),
    ).toEqual([]);
  });

  test("of the MLS engine say first what they are", () => {
    const engine = productFiles.filter((path) => path.startsWith("packages/mls/src/"));
    expect(engine.filter((path) => !textOf(path).startsWith("/**"))).toEqual([]);
  });

  test("leave nothing to do", () => {
    const mark = new RegExp(String.raw`\b(${["TO", "FIX"].map((start) => `${start}${start === "TO" ? "DO" : "ME"}`).join("|")}|X{3})\b`);
    expect(
      linesThat(
        mark,
        files.filter((path) => isText(path) && path !== "LICENSE"),
      ),
    ).toEqual([]);
  });

  test("name no path of a machine", () => {
    // Documents about servers may name system folders.
    const texts = files.filter(
      (path) => isText(path) && !/^(docs|spec)\/.*(server|deploy|operat)/.test(path) && basename(path) !== "package-lock.json",
    );
    const folders = ["home", "root", "work", "tmp", "Users"].join("|");
    expect(linesThat(new RegExp(String.raw`(^|[\s"'\`(=:])/(${folders})/`), texts)).toEqual([]);
  });

  test("leave package-lock.json without the address of a registry", () => {
    expect(linesThat(/"resolved": "https?:/, ["package-lock.json"])).toEqual([]);
  });
});
