/**
 * One run of all measurements, the same in Node and in a browser, and its tables.
 */
import { type Contender, type Named, type Operation, operations } from "./lib/contender.ts";
import { type Effort, measure, patient, quick, type Result, thorough } from "./lib/measure.ts";
import { table } from "./lib/table.ts";
import { measureQueue, type QueueContender, type QueueResult, queueTable } from "./queue.ts";
import { measureStored, type StoredContender, type StoredResult, storedTable } from "./stored.ts";
import { type Measurements, type Roles, targetsOf, targetTable } from "./targets.ts";

export interface RunOptions {
  readonly quick: boolean;
  /** Past the limits of the slow. */
  readonly slow: boolean;
  /** Parts of names of contenders; all if empty. */
  readonly only: readonly string[];
  /** Names of operations, "stored" and "queue"; all if empty. */
  readonly op: readonly string[];
  readonly sizes: readonly number[];
}

export interface Field {
  readonly contenders: readonly Contender[];
  readonly stored: readonly StoredContender[];
  readonly queues: readonly QueueContender[];
}

/** Plain data: it crosses from a browser's worker to Node. */
export interface Run extends Measurements {
  readonly contenders: readonly Named[];
}

export async function runAll(field: Field, options: RunOptions, say: (progress: string) => void): Promise<Run> {
  const chosen = <T extends Named>(all: readonly T[]): readonly T[] =>
    all.filter(({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)));
  const isWanted = (operation: string): boolean => options.op.length === 0 || options.op.includes(operation);
  const contenders = chosen(field.contenders);
  const results: Result[] = [];
  for (const operation of (Object.keys(operations) as Operation[]).filter(isWanted)) {
    for (const n of operation === "keyPackage" ? [1] : options.sizes) {
      say(`${operations[operation]}, N=${String(n)}`);
      results.push(...(await measure({ operation, n, contenders, slow: options.slow }, effortFor({ operation, n, quick: options.quick }))));
    }
  }
  const stored: StoredResult[] = [];
  for (const contender of isWanted("stored") ? chosen(field.stored) : []) {
    say(`what is stored: ${contender.name}`);
    stored.push(...measureStored(contender, options.sizes));
  }
  const queues: QueueResult[] = [];
  for (const contender of isWanted("queue") ? chosen(field.queues) : []) {
    say(`open a queue: ${contender.name}`);
    queues.push(await measureQueue(contender, options.quick ? { messages: 2000, rounds: 3 } : { messages: 10_000, rounds: 5 }));
  }
  return { results, stored, queues, contenders: contenders.map(({ name, notes = [] }) => ({ name, notes })) };
}

function effortFor(at: { readonly operation: Operation; readonly n: number; readonly quick: boolean }): Effort {
  if (at.quick) return quick;
  return at.n === 2 && (at.operation === "encrypt1KiB" || at.operation === "decrypt1KiB") ? patient : thorough;
}

export function report(run: Run, roles: Roles): string {
  const parts = [table(run.results, run.contenders), storedTable(run.stored), queueTable(run.queues), targetTable(targetsOf(run, roles))];
  return parts.filter((part) => part !== "").join("\n\n");
}
