/** The server benchmark: `npm run bench -- server`; its arguments are those of options.ts. The method is in bench/README.md. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineLine } from "../lib/machine.ts";
import { type Bench, measureCases, measureHeld, measureIdle, measureSingle, measureSoak, type ServerRun } from "./measure.ts";
import { readOptions } from "./options.ts";
import { report, targetsOf } from "./report.ts";
import { makeCertificate } from "./systems/certificate.ts";
import { ejabberd } from "./systems/ejabberd.ts";
import { sotto, sottoPlain } from "./systems/sotto.ts";

const options = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "sotto-bench-"));
// Other users run parts of it, in folders of their own below.
chmodSync(folder, 0o755);
const say = (progress: string): void => void process.stderr.write(`${progress}\n`);
const run: ServerRun = { cases: [], memory: [], held: [], single: undefined, soak: undefined, notes: [] };
const names = { own: sotto.name, ownPlain: sottoPlain.name, peer: ejabberd.name };
const where = machineLine();

try {
  const bench: Bench = { options, folder, tls: makeCertificate(folder), say };
  const missing = ejabberd.missing();
  if (missing !== undefined) run.notes.push(`SKIPPED: ${ejabberd.name}: ${missing}. Its rows and the ratios to it are left out.`);
  const peers = missing === undefined ? [ejabberd] : [];
  await measureCases(bench, [sotto, ...peers], run);
  await measureSingle(bench, sotto, run);
  await measureIdle(bench, [sotto, sottoPlain, ...peers], run);
  await measureHeld(bench, sotto, run);
  await measureSoak(bench, sotto, run);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  options.isJson ? JSON.stringify({ where, ...run, targets: targetsOf(run, names) }, null, 2) : `${where}\n\n${report(run, names)}`,
);
