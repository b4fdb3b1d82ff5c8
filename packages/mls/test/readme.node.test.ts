/** The lesson in the README runs and type-checks as it stands, under the package's own name. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "..");
const run = promisify(execFile);

const tsconfig = {
  extends: "../../../../tsconfig.base.json",
  compilerOptions: {
    composite: false,
    emitDeclarationOnly: false,
    noEmit: true,
    types: ["node"],
    lib: ["ES2023", "DOM"],
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
  },
  include: ["lesson.ts", "../../node/*.d.ts"],
};

test("the lesson runs, type-checks, and prints what it says", { timeout: 60_000 }, async () => {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");
  expect(blocks.length).toBe(7);
  await mkdir(join(folder, "dist"), { recursive: true });
  const scratch = await mkdtemp(join(folder, "dist", "lesson-"));
  try {
    const file = join(scratch, "lesson.ts");
    await writeFile(file, blocks.join("\n"));
    await writeFile(join(scratch, "tsconfig.json"), JSON.stringify(tsconfig));
    const { stdout } = await run(process.execPath, ["--no-warnings", file]);
    expect(stdout).toMatch(/^application hello\ntrue\ngroup "our group", active, epoch 2, suite 0xf001\n$/);
    const compiler = join(folder, "../../node_modules/typescript/bin/tsc");
    const types = await run(process.execPath, [compiler, "-p", scratch]).catch((error: { stdout: string }) => error);
    expect(types.stdout).toBe("");
  } finally {
    await rm(scratch, { recursive: true });
  }
});
