/** Breaks each import rule of .dependency-cruiser.mjs in a small tree and sees it caught, so that a rule cannot rot unnoticed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import type { ICruiseOptions, ICruiseResult, IFlattenedRuleSet } from "dependency-cruiser";
import { afterEach, describe, expect, test } from "vitest";
import config from "../.dependency-cruiser.mjs";

type Tree = Readonly<Record<string, string>>;

const manifest = (name: string, more: object = {}): string => JSON.stringify({ name, type: "module", exports: "./src/index.ts", ...more });

/** Every workspace of the plan, empty, and two packages from elsewhere. */
const SKELETON: Tree = {
  "package.json": manifest("sotto"),
  ...Object.fromEntries(
    ["mls", "protocol", "core", "client", "archive", "server"].flatMap((name) => [
      [
        `packages/${name}/package.json`,
        manifest(`@sotto/${name}`, { dependencies: { lib: "1", gpl: "1" }, devDependencies: { tool: "1" } }),
      ],
      [`packages/${name}/src/index.ts`, `export const ${name} = 1;`],
    ]),
  ),
  "apps/web/src/index.ts": "export const web = 1;",
  "apps/cli/src/index.ts": "export const cli = 1;",
  "bench/src/index.ts": "export const bench = 1;",
  ...Object.fromEntries(
    ["lib", "gpl", "tool", "undeclared"].flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js", license: name === "gpl" ? "AGPL-3.0-only" : "MIT" })],
      [`node_modules/${name}/index.js`, "module.exports = 1;"],
    ]),
  ),
};

/** The rule, and files that break it. */
const VIOLATIONS: readonly (readonly [string, Tree])[] = [
  ["protocol-imports-only", { "packages/protocol/src/a.ts": `import "@sotto/mls";` }],
  ["mls-imports-only", { "packages/mls/node/a.ts": `import "@sotto/protocol";` }],
  ["core-imports-only", { "packages/core/src/a.ts": `import "@sotto/client";` }],
  ["client-imports-only", { "packages/client/src/a.ts": `import "@sotto/mls";` }],
  ["client-imports-only", { "packages/client/web/a.ts": `import "@sotto/archive";` }],
  ["archive-imports-only", { "packages/archive/src/a.ts": `import "@sotto/core";` }],
  ["server-imports-only", { "packages/server/src/a.ts": `import type { Key } from "@sotto/core"; export type K = Key;` }],
  ["web-imports-only", { "apps/web/src/a.ts": `import "@sotto/core";` }],
  ["web-imports-only", { "apps/web/src/a.ts": `import "@sotto/not-there-yet";` }],
  ["cli-imports-only", { "apps/cli/src/a.ts": `import "@sotto/mls";` }],
  [
    "server-never-reaches-keys",
    { "packages/server/src/a.ts": `import "@sotto/protocol";`, "packages/protocol/src/index.ts": `import "@sotto/core";` },
  ],
  [
    "archive-never-reaches-keys",
    { "packages/archive/src/a.ts": `import "@sotto/protocol";`, "packages/protocol/src/index.ts": `import "@sotto/mls";` },
  ],
  ["nothing-imports-apps", { "packages/client/src/a.ts": `import "../../../apps/web/src/index.ts";` }],
  ["nothing-imports-apps", { "bench/src/a.ts": `import "../../apps/cli/src/index.ts";` }],
  ["nothing-imports-bench", { "packages/mls/node/a.ts": `import "../../../bench/src/index.ts";` }],
  ["mls-engine-imports-nothing", { "packages/mls/src/a.ts": `import "node:crypto";` }],
  ["mls-engine-imports-nothing", { "packages/mls/src/a.ts": `import "lib";` }],
  ["mls-engine-imports-nothing", { "packages/mls/src/a.ts": `import "not-installed";` }],
  ["mls-engine-imports-nothing", { "packages/mls/src/a.ts": `import "../node/b.ts";`, "packages/mls/node/b.ts": "export {};" }],
  ["mls-engine-imports-nothing", { "packages/mls/src/a.ts": `import "../wasm/b.ts";`, "packages/mls/wasm/b.ts": "export {};" }],
  ["mls-providers-stay-apart", { "packages/mls/wasm/a.ts": `import "../node/b.ts";`, "packages/mls/node/b.ts": "export {};" }],
  ["mls-providers-stay-apart", { "packages/mls/node/a.ts": `import "../wasm/b.ts";`, "packages/mls/wasm/b.ts": "export {};" }],
  ["client-knows-no-adapter", { "packages/client/src/a.ts": `import "../web/b.ts";`, "packages/client/web/b.ts": "export {};" }],
  ["pure-code-has-no-node", { "packages/archive/src/a.ts": `import "node:fs";` }],
  ["pure-code-has-no-node", { "packages/client/src/a.ts": `import { readFileSync } from "fs"; readFileSync("a");` }],
  ["packages-by-name", { "packages/core/src/a.ts": `import "../../protocol/src/index.ts";` }],
  ["product-without-development-packages", { "packages/server/src/a.ts": `import "tool";` }],
  ["mls-stays-permissive", { "packages/mls/node/a.ts": `import "gpl";` }],
  [
    "product-without-tests",
    { "packages/server/src/a.ts": `import "../test/support/b.ts";`, "packages/server/test/support/b.ts": "export {};" },
  ],
  ["declared-packages-only", { "packages/server/src/a.ts": `import "undeclared";` }],
  ["no-unresolved", { "packages/server/src/a.ts": `import "./gone.ts";` }],
  ["no-cycle", { "packages/core/src/a.ts": `import "./b.ts";`, "packages/core/src/b.ts": `import "./a.ts";` }],
];

/** Imports that must stay possible. */
const ALLOWED: Tree = {
  "packages/core/src/a.ts": `import "@sotto/mls"; import "@sotto/protocol"; import "lib";`,
  "packages/client/src/a.ts": `import "@sotto/core"; import "@sotto/protocol";`,
  "packages/client/node/a.ts": `import "node:fs"; import "../src/a.ts";`,
  "packages/mls/node/a.ts": `import "node:crypto"; import "../src/index.ts"; import "lib";`,
  "packages/mls/src/a.test.ts": `import "tool"; import "./index.ts";`,
  "packages/mls/src/b.ts": `import type { C } from "./c.ts"; export type B = C | 1;`,
  "packages/mls/src/c.ts": `import type { B } from "./b.ts"; export type C = B | 2;`,
  "packages/server/src/a.ts": `import "node:fs"; import "@sotto/protocol"; import type {} from "tool";`,
  "apps/web/src/a.ts": `import "@sotto/client"; import "@sotto/archive"; import "@sotto/protocol";`,
  "apps/cli/src/a.ts": `import "@sotto/client"; import "@sotto/server";`,
};

let folder = "";

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function plant(tree: Tree): void {
  folder = mkdtempSync(join(tmpdir(), "sotto-imports-"));
  for (const [path, text] of Object.entries({ ...SKELETON, ...tree })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, "node_modules/@sotto"));
  for (const name of ["mls", "protocol", "core", "client", "archive", "server"]) {
    symlinkSync(join(folder, "packages", name), join(folder, "node_modules/@sotto", name), "junction");
  }
}

/** Names of the rules that the tree breaks. */
async function brokenRules(tree: Tree): Promise<string[]> {
  plant(tree);
  const { enhancedResolveOptions, ...options } = config.options;
  const ruleSet = { forbidden: config.forbidden } as IFlattenedRuleSet;
  const cruiseOptions: ICruiseOptions = { ...options, ruleSet, validate: true, baseDir: folder };
  const { output } = await cruise(["packages", "apps", "bench"], cruiseOptions, enhancedResolveOptions);
  return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
}

describe("import rules", () => {
  test.each(VIOLATIONS)("%s catches %o", async (rule, tree) => {
    expect(await brokenRules(tree)).toContain(rule);
  });

  test("let through what the architecture allows", async () => {
    expect(await brokenRules(ALLOWED)).toEqual([]);
  });

  test("each have a violation here", () => {
    const shown = new Set(VIOLATIONS.map(([rule]) => rule));
    expect(config.forbidden.map((rule) => rule.name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
