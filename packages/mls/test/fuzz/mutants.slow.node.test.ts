/** The fuzz finds faults: each of {@link mutants} in a copy of the engine ends some of the first lives. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as original from "../../src/index.ts";
import { testProvider } from "../support/provider.ts";
import { runSeed } from "./driver.ts";
import { type Mutant, mutants } from "./mutants.ts";
import type { Engine } from "./world.ts";

const SEEDS_MAX = 60;
const SOURCE = join(import.meta.dirname, "..", "..", "src");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mls-mutants-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The engine with a fault, from a copy of its own. */
async function load(mutant: Mutant, number: number): Promise<Engine> {
  const copy = join(folder, String(number));
  cpSync(SOURCE, copy, { recursive: true });
  for (const { file, from, to } of mutant.replacements) {
    const path = join(copy, file);
    const parts = readFileSync(path, "utf8").split(from);
    expect(parts.length, `"${from}" stands once in ${file}`).toBe(2);
    writeFileSync(path, parts.join(to));
  }
  return (await import(/* @vite-ignore */ pathToFileURL(join(copy, "index.ts")).href)) as Engine;
}

/** What the first failing life says; `undefined` when all of them end well. */
async function firstFailure(engines: readonly Engine[]): Promise<string | undefined> {
  const crypto = await testProvider();
  for (let seed = 0; seed < SEEDS_MAX; seed++) {
    try {
      runSeed(seed, { crypto, engines });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return undefined;
}

test("lives with the engine as it is end well", async () => {
  expect(await firstFailure([original])).toBeUndefined();
});

const numbered = mutants.map((mutant, number) => ({ mutant, number, name: mutant.name, rfc: mutant.rfc }));

describe("a fault in half of a group is found by the other half", () => {
  test.each(numbered)("$name ($rfc)", { timeout: 60_000 }, async ({ mutant, number }) => {
    expect(await firstFailure([original, await load(mutant, number)])).toMatch(/^seed \d+: /);
  });
});

describe("a fault in a whole group is found by rules that do not depend on it", () => {
  test.each(numbered.filter(({ mutant }) => mutant.isFoundAlone))("$name ($rfc)", { timeout: 60_000 }, async ({ mutant, number }) => {
    expect(await firstFailure([await load(mutant, number)])).toMatch(/^seed \d+: /);
  });
});
