/** The lesson in the README runs as it stands. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "..");

test("the lesson runs and prints what it says", async () => {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");
  expect(blocks.length).toBe(7);
  const code = blocks.join("\n");
  const imports = code.match(/import \{[^}]*\} from "[^"]*";/g) ?? [];
  const body = imports.reduce((rest, line) => rest.replace(line, ""), code);
  const here = (line: string): string =>
    line.replace('"@sotto/mls"', '"../../src/index.ts"').replace('"@sotto/mls/node"', '"../../node/index.ts"');
  await mkdir(join(folder, "dist"), { recursive: true });
  const scratch = await mkdtemp(join(folder, "dist", "lesson-"));
  try {
    const file = join(scratch, "lesson.mjs");
    await writeFile(file, `${imports.map(here).join("\n")}\n${body}`);
    const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", file]);
    expect(stdout).toMatch(/^application hello\ntrue\ngroup "our group", active, epoch 2, suite 0xf001\n$/);
  } finally {
    await rm(scratch, { recursive: true });
  }
});
