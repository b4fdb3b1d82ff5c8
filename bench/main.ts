/**
 * All benchmarks, or those named: `npm run bench -- [mls] [server] [client] [search] [exposure] [arguments]`. Each is a program of its own; the arguments go
 * to those that run.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ALL = ["mls", "server", "client", "search", "exposure"] as const;

const isName = (text: string): text is (typeof ALL)[number] => ALL.some((name) => name === text);
const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => !isName(arg));
const named = firstOption < 0 ? args : args.slice(0, firstOption);
const rest = firstOption < 0 ? [] : args.slice(firstOption);
if (rest[0] !== undefined && !rest[0].startsWith("-")) {
  console.error(`There is no benchmark "${rest[0]}". There are: ${ALL.join(", ")}.`);
  process.exit(2);
}
let worst = 0;
for (const name of named.length === 0 ? ALL : named) {
  console.log(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name, "main.ts"), ...rest], { stdio: "inherit" });
  worst = Math.max(worst, status ?? 1);
}
process.exit(worst);
