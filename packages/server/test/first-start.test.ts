/** A server that is killed during its first start: the folder that is left is a new one, at whatever step. */
import fs, { cpSync, existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openDataFolder } from "../src/data-folder.ts";
import { check } from "../src/index.ts";
import { newFolder } from "./support/started.ts";

/** Runs something before each step that changes the disk, until the test is over. */
function beforeEachStep(run: () => void): void {
  const counted =
    <F extends (...args: never[]) => unknown>(step: F) =>
    (...args: Parameters<F>): unknown => {
      run();
      return step(...args);
    };
  const originals = { mkdirSync: fs.mkdirSync, openSync: fs.openSync, writeSync: fs.writeSync, renameSync: fs.renameSync };
  // oxlint-disable-next-line typescript/unbound-method -- called with a database below
  const exec = DatabaseSync.prototype.exec;
  Object.assign(fs, Object.fromEntries(Object.entries(originals).map(([name, step]) => [name, counted(step)])));
  syncBuiltinESMExports();
  DatabaseSync.prototype.exec = function execCounted(sql: string): void {
    run();
    exec.call(this, sql);
  };
  onTestFinished(() => {
    Object.assign(fs, originals);
    syncBuiltinESMExports();
    DatabaseSync.prototype.exec = exec;
  });
}

function open(path: string): void {
  const folder = openDataFolder(path);
  folder.logs.close();
  folder.accounts.close();
  folder.unlock();
}

test("killed before any step of its first start, a server starts the next time", async () => {
  const folder = newFolder();
  const path = join(folder, "data");
  const left: string[] = [];
  let isCopying = false;
  beforeEachStep(() => {
    if (isCopying) return;
    // What the files hold now is what a process that ends here leaves.
    isCopying = true;
    const copy = join(folder, `killed before step ${left.length}`);
    if (existsSync(path)) cpSync(path, copy, { recursive: true });
    left.push(copy);
    isCopying = false;
  });
  open(path);
  isCopying = true;
  // Two keys and two databases take more than a few.
  expect(left.length).toBeGreaterThan(12);
  for (const copy of left) {
    open(copy);
    expect((await check(copy)).findings).toEqual([]);
  }
});
