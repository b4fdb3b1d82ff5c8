/** What the documents name exists: paths, scripts, commands and options; and the specification names what the code has. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));
const specs = files.filter((path) => /^spec\/[^/]*\.md$/.test(path));

/** `a/{b,c}` is two. */
function spelledOut(path: string): string[] {
  const [all, before = "", inside = "", after = ""] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  return all === undefined ? [path] : inside.split(",").flatMap((part) => spelledOut(`${before}${part}${after}`));
}

const TOP = new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
/** Words in capitals stand for something else, as in `spec/changes/DATE-topic.md`. */
const isPath = (token: string): boolean =>
  !/\b[A-Z]{2,}-/.test(token) &&
  /^[\w.@-]+(\/[\w.@{},-]+)*\/?$/.test(token) &&
  ((token.includes("/") && TOP.has(token.split("/")[0])) || /\w\.(ts|mjs|md|jsonc)$/.test(token));

/** A full path, or for a file also the end of one, such as `api/frames.ts`. */
function exists(token: string): boolean {
  const path = token.replace(/\/$/, "");
  const isFull = path.includes("/") && TOP.has(path.split("/")[0]);
  return existsSync(join(ROOT, path)) || (!isFull && files.some((file) => file.endsWith(`/${path}`)));
}

const inBackticks = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, token = ""]) => token);

describe("paths in documents", () => {
  const missing = (path: string): string[] =>
    textOf(path)
      .split("\n")
      .filter((line) => !/\bplanned\b/.test(line))
      .flatMap(inBackticks)
      .filter((token) => isPath(token))
      .flatMap(spelledOut)
      .filter((token) => !exists(token));

  test.each(["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md", "SECURITY.md", "STYLE.md", ...specs])("%s", (path) => {
    expect(missing(path)).toEqual([]);
  });

  test("are told from other words", () => {
    expect(["packages/client/src/send.ts", "core/src/open.ts", "spec/log.md"].map(isPath)).toEqual([true, true, true]);
    expect(["log.append", "draft-ietf-mimi-content-08", "[ 1, seq ]"].map(isPath)).toEqual([false, false, false]);
    expect(exists("packages/client/src/send.ts")).toBe(false);
  });
});

describe("commands in README.md and CONTRIBUTING.md", () => {
  const text = textOf("README.md") + textOf("CONTRIBUTING.md");
  const code = [...inBackticks(text), ...[...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.split("\n"))];
  const wordsAfter = (before: RegExp): string[] => [
    ...new Set(code.flatMap((line) => [...line.matchAll(before)].map(([, word = ""]) => word))),
  ];

  test("npm scripts exist", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const named = wordsAfter(/\bnpm run ([\w:-]+)/g);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("sotto has the commands and their options", () => {
    const main = textOf("apps/cli/src/main.ts");
    const commands = new Set([...main.matchAll(/^ {2}(\w+): async \(\) =>/gm)].map(([, name]) => name));
    expect(commands.size).toBeGreaterThan(30);
    const named = wordsAfter(/\bsotto ([a-z]+)/g);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !commands.has(name))).toEqual([]);
    const sources = files.filter((path) => path.startsWith("apps/cli/src/") && !path.endsWith(".test.ts")).map(textOf);
    const isOption = (name: string): boolean =>
      name === "help" || sources.some((source) => new RegExp(String.raw`["\s{]${name}"?(:|,|\])`).test(source));
    const options = code
      .filter((line) => /\bsotto [a-z]/.test(line))
      .flatMap((line) => [...line.matchAll(/ --([a-z-]+)/g)].map(([, name = ""]) => name));
    expect([...new Set(options)].filter((name) => !isOption(name))).toEqual([]);
  });
});

/** The text under a heading, up to the next one of its level. */
function section(path: string, heading: string): string {
  const [, text = ""] = textOf(path).split(`\n## ${heading}\n`);
  return text.split("\n## ")[0] ?? "";
}

/** All matches of the first group in the files below a folder. */
function namesIn(folder: string, pattern: RegExp): string[] {
  const found = files
    .filter((path) => path.startsWith(folder) && path.endsWith(".ts"))
    .flatMap((path) => [...textOf(path).matchAll(pattern)].map(([, name = ""]) => name));
  return [...new Set(found)].toSorted();
}

const namesLike = (text: string, pattern: RegExp): string[] =>
  [...new Set(inBackticks(text).flatMap((token) => pattern.exec(token)?.[1] ?? []))].toSorted();

describe("the specification has what the code has, and nothing else", () => {
  test("operations and pushes", () => {
    const inCode = namesIn("packages/protocol/src/api/", /^ {2}"([a-z]\w*\.\w+)": (?:operation|httpOperation|push)\(/gm);
    expect(inCode.length).toBeGreaterThan(35);
    const text = section("spec/log.md", "API") + section("spec/blobs.md", "Operations");
    expect(namesLike(text, /^((?:log|account|anonymous|keyPackages|tokens|inbox|directory|blob)\.\w+)/)).toEqual(inCode);
  });

  test("labels", () => {
    const types = ["packages/protocol/src/hashing.ts", "packages/core/src/labels.ts"].flatMap((path) =>
      namesIn(path, /^ {2}\| "([a-z ]+ v1)"/gm),
    );
    expect(types.length).toBeGreaterThan(20);
    expect(namesLike(section("spec/log.md", "Labels"), /^([a-z ]+ v1)$/)).toEqual(types.toSorted());
  });

  test("exporter labels", () => {
    const inCode = namesIn("packages/core/src/", /"(sotto [a-z ]+)"/g);
    expect(inCode.length).toBeGreaterThan(3);
    const text = specs.map(textOf).join("\n");
    expect(inCode.filter((label) => !text.includes(label))).toEqual([]);
  });
});
