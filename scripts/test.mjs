/**
 * `npm test`: sets up, runs every test on Node.js and then in a browser, and closes with one line of counts over both.
 * Runs on Node 20; the tests run on the pinned Node.js.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pinnedNode, ROOT } from "./runtime.mjs";

/**
 * @param {string} node
 * @param {string} project
 * @returns {import("./tally-reporter.mjs").Tally}
 */
function runProject(node, project) {
  process.stdout.write(`\ntest: the ${project} project\n`);
  const folder = mkdtempSync(join(tmpdir(), "sotto-test-"));
  const file = join(folder, "tally.json");
  const args = [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", "--project", project];
  const reporters = ["--reporter=default", `--reporter=${join(ROOT, "scripts", "tally-reporter.mjs")}`];
  const env = { ...process.env, SOTTO_TALLY: file, PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` };
  const { status } = spawnSync(node, [...args, ...reporters], { cwd: ROOT, env, stdio: "inherit" });
  try {
    const tally = /** @type {import("./tally-reporter.mjs").Tally} */ (JSON.parse(readFileSync(file, "utf8")));
    // Whatever made vitest fail without a failed test counts as one.
    return status !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runAll() {
  const setUp = spawnSync(process.execPath, [join(ROOT, "scripts", "set-up.mjs")], { cwd: ROOT, stdio: "inherit" });
  if (setUp.status !== 0) return [{ passed: 0, failed: 1, skipped: [] }];
  const node = pinnedNode();
  return ["node", "browser"].map((project) => runProject(node, project));
}

const tallies = runAll();
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
const skipped = tallies.flatMap((tally) => tally.skipped);

if (skipped.length > 0) process.stdout.write(`\ntest: skipped\n${skipped.map((line) => `  ${line}\n`).join("")}`);
if (passed + failed === 0) process.stdout.write("\ntest: no test ran, which counts as a failure\n");
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
