/**
 * Timing. Contenders take turns within each round, so that a busy moment of the machine falls on all of them alike, and the median of the
 * rounds is what counts. How many runs make a round is found out in the warm-up.
 */
import { medianOf } from "../../lib/median.ts";
import type { Case, Contender, Operation } from "./contender.ts";

export interface Effort {
  readonly rounds: number;
  /** How long one round of one contender should take. */
  readonly roundMs: number;
  /** How long one contender may take for one operation at one size, preparation included. */
  readonly limitMs: number;
}

export const thorough: Effort = { rounds: 9, roundMs: 20, limitMs: 3000 };
/** For what the targets compare most closely. */
export const patient: Effort = { rounds: 31, roundMs: 20, limitMs: 6000 };
export const quick: Effort = { rounds: 5, roundMs: 8, limitMs: 1500 };

export interface Measured {
  readonly contender: string;
  readonly operation: Operation;
  readonly n: number;
  /** Milliseconds per run: the median of the rounds, the quickest and the slowest. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly runsPerRound: number;
  readonly bytes?: number;
}

interface Missed {
  readonly contender: string;
  readonly operation: Operation;
  readonly n: number;
  readonly missed: string;
}

export type Result = Measured | Missed;

interface Runner {
  readonly contender: string;
  readonly given: Case;
  readonly samples: number[];
  batch: number;
  spentMs: number;
}

const maxBatch = 500;

export interface Task {
  readonly operation: Operation;
  readonly n: number;
  readonly contenders: readonly Contender[];
  readonly slow: boolean;
}

export async function measure(task: Task, effort: Effort): Promise<Result[]> {
  const { operation, n, contenders, slow } = task;
  const runners: Runner[] = [];
  const missed: Missed[] = [];
  for (const contender of contenders) {
    const setup = contender.ops[operation];
    if (setup === undefined) continue;
    const limit = contender.limits?.[operation] ?? Infinity;
    const miss = (why: string): number => missed.push({ contender: contender.name, operation, n, missed: why });
    if (n > limit && !slow) {
      miss(`limited to ${String(limit)}`);
      continue;
    }
    try {
      runners.push(await warmUp({ contender: contender.name, given: await setup(n), samples: [], batch: 1, spentMs: 0 }, effort));
    } catch (error) {
      miss(`failed: ${String(error)}`);
    }
  }
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const runner of runners) if (runner.samples.length === 0 || runner.spentMs < effort.limitMs) await playRound(runner);
  }
  return [...runners.map((runner) => measured(runner, { operation, n })), ...missed];
}

async function warmUp(runner: Runner, effort: Effort): Promise<Runner> {
  const started = performance.now();
  let last = await timed(runner);
  while (last.ms < effort.roundMs && performance.now() - started < effort.limitMs / 4 && runner.batch < maxBatch) {
    runner.batch = Math.min(maxBatch, Math.max(runner.batch + 1, Math.ceil((runner.batch * effort.roundMs) / Math.max(last.ms, 0.05) / 2)));
    last = await timed(runner);
  }
  const affordable = effort.limitMs / effort.rounds / (last.totalMs / runner.batch);
  runner.batch = Math.max(1, Math.min(maxBatch, Math.ceil((runner.batch * effort.roundMs) / last.ms), Math.floor(affordable)));
  runner.spentMs = performance.now() - started;
  return runner;
}

async function playRound(runner: Runner): Promise<void> {
  const { ms, totalMs } = await timed(runner);
  runner.samples.push(ms / runner.batch);
  runner.spentMs += totalMs;
}

async function timed({ given, batch }: Runner): Promise<{ readonly ms: number; readonly totalMs: number }> {
  const begun = performance.now();
  const inputs: unknown[] = [];
  for (let index = 0; index < batch; index += 1) inputs.push(await given.prepare());
  const started = performance.now();
  for (const input of inputs) {
    const done = given.run(input);
    // Only those who are asynchronous pay for it.
    if (done instanceof Promise) await done;
  }
  const ended = performance.now();
  return { ms: ended - started, totalMs: ended - begun };
}

function measured({ contender, given, samples, batch }: Runner, at: { readonly operation: Operation; readonly n: number }): Measured {
  const bytes = given.bytes?.();
  return {
    contender,
    ...at,
    median: medianOf(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    rounds: samples.length,
    runsPerRound: batch,
    ...(bytes === undefined ? {} : { bytes }),
  };
}
