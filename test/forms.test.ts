/** The inventory of forms in vectors/README.md is complete, and so is each of its rows. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));

/** `a/{b,c}` is two. */
function spelledOut(path: string): string[] {
  const [all, before = "", inside = "", after = ""] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  return all === undefined ? [path] : inside.split(",").flatMap((part) => spelledOut(`${before}${part}${after}`));
}

const README = textOf("vectors/README.md");
const named = new Set([...README.matchAll(/`([^`\n]+)`/g)].flatMap(([, token = ""]) => spelledOut(token)));
const rows = README.split("\n")
  .filter((line) => /^\| .*\|$/.test(line) && !/^\| (form|-+) /.test(line))
  .map((line) => line.slice(1, -1).split("|"))
  .map((cells) => cells.map((cell) => cell.trim()));
const vectors = files.filter((path) => /^vectors\/.*\.json$/.test(path));

/** What a module does that makes bytes or text for somebody, or for later. */
const WRITES = /\b(encodeCbor|encodeForm|concatBytes)\(|JSON\.stringify\(|new QuickWriter\(/;
/** Importers only read, and what the command line says as JSON is for whoever started it. */
const isElsewhere = (path: string, text: string): boolean =>
  path.startsWith("packages/archive/src/formats/") || (path.startsWith("apps/") && !WRITES.test(text.replaceAll("JSON.stringify(", "")));
const isProduct = (path: string): boolean =>
  /^(packages\/(protocol|core|client|server|archive)|apps\/\w+)\/(src|node)\/.*\.ts$/.test(path) && !path.endsWith(".test.ts");
const isCodec = (path: string): boolean => /^packages\/protocol\/src\/(codec|utf8|text-forms)/.test(path);

/** `spec` of a file of vectors, or of each of its cases. */
function specsIn(path: string): string[] {
  const read: unknown = JSON.parse(textOf(path));
  return [read].flat().flatMap((part: unknown) => {
    const spec = typeof part === "object" && part !== null && "spec" in part ? part.spec : undefined;
    return typeof spec === "string" ? [spec] : [];
  });
}

/** `FILE.md, Section`: a heading, or the bold name of a form in a table. */
function isSection(place: string): boolean {
  const [, file = "", section = ""] = /^(?:spec\/)?([\w-]+\.md), (.+)$/.exec(place) ?? [];
  if (file === "" || !existsSync(join(ROOT, "spec", file))) return false;
  const lines = textOf(`spec/${file}`).split("\n");
  return lines.some((line) => new RegExp(`^#+ ${section}$`).test(line) || line.includes(`**${section}**`));
}

describe("the inventory of forms", () => {
  test("has every module that writes one", () => {
    const candidates = files.filter((path) => isProduct(path) && !isCodec(path));
    const writers = candidates.filter((path) => WRITES.test(textOf(path)) && !isElsewhere(path, textOf(path)));
    expect(writers.length).toBeGreaterThan(45);
    expect(writers.filter((path) => !named.has(path))).toEqual([]);
  });

  test("knows a module that writes one", () => {
    expect(WRITES.test("return encodeCbor([1, name]);")).toBe(true);
    expect(WRITES.test('import { encodeCbor } from "@sotto/protocol";')).toBe(false);
  });

  test("has every file of vectors, and none that is not there", () => {
    expect(vectors.filter((path) => !named.has(path.replace("vectors/", "")))).toEqual([]);
    const told = [...named].filter((token) => token.endsWith(".json") && !token.startsWith("spec/"));
    expect(told.filter((name) => !vectors.includes(`vectors/${name}`))).toEqual([]);
  });

  test("names only what exists", () => {
    const paths = [...named].filter((token) => /^(packages|apps|spec|test)\//.test(token));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has a module, a section and hostile input for each form", () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((cells) => cells.length !== 5 || cells.some((cell) => cell === ""))).toEqual([]);
    const ours = rows.map(([, , place = ""]) => place).filter((place) => place.includes(".md,"));
    expect(ours.filter((place) => !isSection(place))).toEqual([]);
  });
});

test("each vector names a section that exists", () => {
  const specs = new Set(vectors.flatMap(specsIn).filter((spec) => spec.startsWith("spec/")));
  expect(specs.size).toBeGreaterThan(30);
  expect([...specs].filter((spec) => !isSection(spec))).toEqual([]);
});
