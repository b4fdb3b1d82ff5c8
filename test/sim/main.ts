/**
 * `npm run sim -- --seed N [--seeds COUNT] [--hard | --ruin] [--plant NAME] [--verbose]`: runs seeds and says what was broken. With --hard each
 * is a hard life, with --ruin one of ruin, with --verbose the whole trace is printed. Ends with 1 if anything was.
 */
import { parseArgs } from "node:util";
import { PLANTS } from "./plants/plants.ts";
import { NOTHING_PLANTED } from "./plants/plant.ts";
import { runSeed } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    hard: { type: "boolean", default: false },
    ruin: { type: "boolean", default: false },
    plant: { type: "string", default: NOTHING_PLANTED.name },
    verbose: { type: "boolean", default: false },
  },
});

const print = values.verbose ? (line: string): void => void process.stdout.write(`${line}\n`) : undefined;
const plant = [NOTHING_PLANTED, ...PLANTS].find(({ name }) => name === values.plant) ?? NOTHING_PLANTED;
const asked = values.hard ? "hard" : values.ruin ? "ruin" : undefined;
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const started = performance.now();
  const { digest, problems, steps, entries } = await runSeed(seed, {
    plant,
    asked,
    ...(print === undefined ? {} : { print }),
  });
  const took = Math.round(performance.now() - started);
  process.stdout.write(
    `seed ${seed}: ${problems.length === 0 ? "ok" : "BROKEN"}, ${steps} steps, ${entries} entries, ${took} ms, trace ${digest.slice(0, 16)}\n`,
  );
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  if (problems.length === 0) continue;
  failed++;
  process.stdout.write(
    `  again: npm run sim -- --seed ${seed}${asked === undefined ? "" : ` --${asked}`}${plant === NOTHING_PLANTED ? "" : ` --plant ${plant.name}`} --verbose\n`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
