/** Runs the cases on the systems by turns, and gathers medians. */
import { mkdirSync, rmSync } from "node:fs";
import { medianOf } from "../lib/median.ts";
import { slopePerHour } from "../lib/slope.ts";
import { CASES, HELD_CONNECTIONS, IDLE_CONNECTIONS, type LoadCase, SINGLE } from "./cases.ts";
import type { ServerBenchOptions } from "./options.ts";
import type { Core } from "./processes.ts";
import { measureRawAppend } from "./raw-disk.ts";
import { holdIdle, type LoadResult, runLoad } from "./run-load.ts";
import type { RunningSystem, System, SystemOptions } from "./systems/system.ts";

/** The server and its database on the first processor, the load on the second: neither takes time from the other. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const WARM_SECONDS = 2;
const MIB = 1024 * 1024;

export type CaseResult = {
  readonly system: string;
  readonly id: string;
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time of the server for each delivery. */
  readonly cpuMicrosPerDelivery: number;
  /** Share of one processor that the load generator used. */
  readonly generatorShare: number;
};

type Memory = { readonly system: string; readonly connections: number; readonly bytesPerConnection: number };
type Single = { readonly appendMs: number; readonly rawMs: number };
type Soak = {
  readonly minutes: number;
  readonly messages: number;
  readonly p99: number;
  /** MiB of the server at the beginning, the middle and the end, and by how many it grows in an hour after the first tenth. */
  readonly server: readonly [number, number, number];
  readonly serverPerHour: number;
  readonly generator: readonly [number, number, number];
  readonly generatorPerHour: number;
};

export type ServerRun = {
  readonly cases: CaseResult[];
  readonly memory: Memory[];
  readonly held: { readonly system: string; readonly connections: number }[];
  single: Single | undefined;
  soak: Soak | undefined;
  readonly notes: string[];
};

export type Bench = {
  readonly options: ServerBenchOptions;
  readonly folder: string;
  readonly tls: SystemOptions["tls"];
  readonly say: (progress: string) => void;
};

const cores = ({ options }: Bench): { readonly server: Core; readonly load: Core } =>
  options.isPinned ? { server: SERVER_CORE, load: LOAD_CORE } : { server: undefined, load: undefined };

const isWanted = ({ options }: Bench, id: string): boolean => options.only.length === 0 || options.only.some((part) => id.includes(part));

async function startSystem(bench: Bench, system: System, name: string): Promise<RunningSystem & { readonly folder: string }> {
  const folder = `${bench.folder}/${name}`;
  mkdirSync(folder, { mode: 0o755 });
  const running = await system.start({ folder, core: cores(bench).server, accounts: 2 * IDLE_CONNECTIONS, tls: bench.tls });
  return { ...running, folder };
}

/** All cases, on all systems that are here. */
export async function measureCases(bench: Bench, systems: readonly System[], run: ServerRun): Promise<void> {
  const wanted = CASES.filter(({ id }) => isWanted(bench, id));
  if (wanted.length === 0) return;
  const started: { readonly system: System; readonly running: RunningSystem }[] = [];
  try {
    for (const system of systems) started.push({ system, running: await startSystem(bench, system, `cases-${systems.indexOf(system)}`) });
    for (const each of wanted) {
      const results = new Map<System, LoadResult[]>();
      for (let round = 0; round < bench.options.rounds; round++) {
        for (const { system, running } of started) {
          bench.say(`${each.title}: ${system.name}, round ${round + 1}`);
          const result = await runLoad(running, planOf(bench, each, `${each.id} ${round}`), cores(bench).load);
          results.set(system, [...(results.get(system) ?? []), result]);
        }
      }
      for (const { system } of started) run.cases.push(medians(each, system.name, results.get(system) ?? []));
    }
  } finally {
    for (const { running } of started) await running.stop();
  }
}

function planOf({ options }: Bench, { plan }: LoadCase, name: string) {
  return { ...plan, name: name.replaceAll(" ", "-"), warmSeconds: WARM_SECONDS, seconds: options.seconds };
}

function medians({ id }: LoadCase, system: string, results: readonly LoadResult[]): CaseResult {
  const of = (value: (result: LoadResult) => number): number => medianOf(results.map(value));
  return {
    system,
    id,
    messagesPerSecond: of((result) => result.messagesPerSecond),
    deliveriesPerSecond: of((result) => result.deliveriesPerSecond),
    p50: of((result) => result.p50),
    p99: of((result) => result.p99),
    cpuMicrosPerDelivery: of(
      ({ serverCpuSeconds, seconds, deliveriesPerSecond }) => (serverCpuSeconds / (deliveriesPerSecond * seconds)) * 1e6,
    ),
    generatorShare: of(({ cpuSeconds, seconds }) => cpuSeconds / seconds),
  };
}

/** One durable append beside the bare disk, by turns. */
export async function measureSingle(bench: Bench, system: System, run: ServerRun): Promise<void> {
  if (!isWanted(bench, SINGLE.id)) return;
  const running = await startSystem(bench, system, "single");
  const [appends, raws]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < Math.max(3, bench.options.rounds); round++) {
      bench.say(`${SINGLE.title}: round ${round + 1}`);
      raws.push(measureRawAppend(running.folder, 3));
      const plan = { ...planOf(bench, SINGLE, `single ${round}`), seconds: 3, warmSeconds: 1 };
      appends.push((await runLoad(running, plan, cores(bench).load)).p50);
    }
  } finally {
    await running.stop();
  }
  run.single = { appendMs: medianOf(appends), rawMs: medianOf(raws) };
}

export async function measureIdle(bench: Bench, systems: readonly System[], run: ServerRun): Promise<void> {
  if (!isWanted(bench, "idle")) return;
  for (const system of systems) {
    bench.say(`${IDLE_CONNECTIONS} silent connections: ${system.name}`);
    const running = await startSystem(bench, system, `idle-${systems.indexOf(system)}`);
    try {
      const { addedBytes } = await holdIdle(
        running,
        { first: IDLE_CONNECTIONS / 2, more: IDLE_CONNECTIONS, name: "idle" },
        cores(bench).load,
      );
      run.memory.push({ system: system.name, connections: IDLE_CONNECTIONS, bytesPerConnection: addedBytes / IDLE_CONNECTIONS });
    } finally {
      await running.stop();
    }
  }
}

export async function measureHeld(bench: Bench, system: System, run: ServerRun): Promise<void> {
  if (!isWanted(bench, "held")) return;
  bench.say(`${HELD_CONNECTIONS} connections: ${system.name}`);
  const running = await startSystem(bench, system, "held");
  try {
    const half = HELD_CONNECTIONS / 2;
    const { addedBytes } = await holdIdle(running, { first: half, more: half, name: "held" }, cores(bench).load);
    run.held.push({ system: system.name, connections: HELD_CONNECTIONS });
    run.memory.push({ system: system.name, connections: HELD_CONNECTIONS, bytesPerConnection: addedBytes / half });
  } finally {
    await running.stop();
  }
}

/** Memory under a load that lasts. */
export async function measureSoak(bench: Bench, system: System, run: ServerRun): Promise<void> {
  const { minutes, rate } = bench.options;
  if (minutes === 0) return;
  bench.say(`${rate} messages a second for ${minutes} minutes: ${system.name}`);
  const running = await startSystem(bench, system, "soak");
  try {
    const plan = {
      shape: "pairs" as const,
      connections: 100,
      senders: 50,
      rate,
      name: "soak",
      warmSeconds: WARM_SECONDS,
      seconds: minutes * 60,
    };
    const { memory, messages, p99 } = await runLoad(running, plan, cores(bench).load);
    const series = (column: 1 | 2): readonly (readonly [number, number])[] =>
      memory.map((sample) => [sample[0], sample[column] / MIB] as const);
    const ends = (samples: readonly (readonly [number, number])[]): readonly [number, number, number] => {
      const at = (share: number): number => samples[Math.floor((samples.length - 1) * share)]?.[1] ?? Number.NaN;
      return [at(0.1), at(0.5), at(1)];
    };
    const [server, generator] = [series(1), series(2)];
    run.soak = {
      minutes,
      messages,
      p99,
      server: ends(server),
      serverPerHour: slopePerHour(server),
      generator: ends(generator),
      generatorPerHour: slopePerHour(generator),
    };
  } finally {
    await running.stop();
    rmSync(running.folder, { recursive: true, force: true });
  }
}
