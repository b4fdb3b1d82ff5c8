/**
 * Opening a long queue of messages, as after days offline: one by one on one thread, or with the signatures checked by a pool of threads.
 */
import { type CryptoProvider, type GroupState, receiveMessage, receiveQueue, sealMessage, type SignatureVerifier } from "@sotto/mls";
import { medianOf } from "../lib/median.ts";
import { align } from "../lib/align.ts";
import { must, OwnGroups } from "./ours.ts";

export interface QueueContender {
  readonly name: string;
  readonly provider: CryptoProvider;
  readonly suiteId: number;
  openPool(): SignatureVerifier & { close(): void };
  /** Milliseconds of processor time that all threads together have used, where it can be seen. */
  readonly cpuMs?: () => number;
}

interface Way {
  readonly perSecond: number;
  /** Processor time over the time that passed: how many cores were busy. */
  readonly cores?: number;
}

export interface QueueResult {
  readonly name: string;
  readonly messages: number;
  readonly oneByOne: Way;
  readonly pooled: Way;
}

const GROUP_OF = 16;

export async function measureQueue(contender: QueueContender, effort: { messages: number; rounds: number }): Promise<QueueResult> {
  const { context, founder, reader } = setUp(contender);
  const messages = sealMany(founder, effort.messages, context);
  const verifier = contender.openPool();
  const oneByOne = (): void => {
    let state = reader;
    for (const message of messages) state = must(receiveMessage(state, message, context)).state;
  };
  const pooled = async (): Promise<void> => {
    const { outcomes } = await receiveQueue(reader, messages, { context, verifier });
    if (outcomes.length !== messages.length || !outcomes.every(({ ok }) => ok)) throw new Error("a message did not open");
  };
  // The first round starts the threads and does not count.
  const samples: { readonly oneByOne: Sample; readonly pooled: Sample }[] = [];
  for (let round = 0; round <= effort.rounds; round += 1) {
    const sample = { oneByOne: await sampleOf(oneByOne, contender.cpuMs), pooled: await sampleOf(pooled, contender.cpuMs) };
    if (round > 0) samples.push(sample);
  }
  verifier.close();
  return {
    name: contender.name,
    messages: effort.messages,
    oneByOne: wayOf(
      samples.map((sample) => sample.oneByOne),
      effort.messages,
    ),
    pooled: wayOf(
      samples.map((sample) => sample.pooled),
      effort.messages,
    ),
  };
}

function setUp(contender: QueueContender) {
  const groups = new OwnGroups(contender);
  return { context: groups.context, ...groups.of(GROUP_OF) };
}

function sealMany(from: GroupState, count: number, context: OwnGroups["context"]): readonly Uint8Array[] {
  const data = new Uint8Array(1024).fill(0x61);
  let state = from;
  return Array.from({ length: count }, () => {
    const sealed = must(sealMessage(state, { data }, context));
    state = sealed.state;
    return sealed.message;
  });
}

interface Sample {
  readonly ms: number;
  readonly cores: number | undefined;
}

async function sampleOf(run: () => void | Promise<void>, cpuMs: (() => number) | undefined): Promise<Sample> {
  const [started, cpuStarted] = [performance.now(), cpuMs?.()];
  await run();
  const ms = performance.now() - started;
  return { ms, cores: cpuMs === undefined || cpuStarted === undefined ? undefined : (cpuMs() - cpuStarted) / ms };
}

function wayOf(samples: readonly Sample[], messages: number): Way {
  const perSecond = (1000 * messages) / medianOf(samples.map(({ ms }) => ms));
  const cores = samples.flatMap((sample) => sample.cores ?? []);
  return cores.length === 0 ? { perSecond } : { perSecond, cores: medianOf(cores) };
}

function wayText({ perSecond, cores }: Way): string {
  const rate = `${Math.round(perSecond).toLocaleString("en")}/s`;
  return cores === undefined ? rate : `${rate} on ${cores.toFixed(2)} cores`;
}

export function queueTable(results: readonly QueueResult[]): string {
  const [first] = results;
  if (first === undefined) return "";
  const rows = results.map(({ name, oneByOne, pooled }) => [
    name,
    wayText(oneByOne),
    wayText(pooled),
    `x${(pooled.perSecond / oneByOne.perSecond).toFixed(2)}`,
  ]);
  const operation = `open a queue of ${first.messages.toLocaleString("en")} messages of 1 KiB in a group of ${String(GROUP_OF)}`;
  return align([[operation, "one by one", "with a pool", "quicker"], ...rows]);
}
