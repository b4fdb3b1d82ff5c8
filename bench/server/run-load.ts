/** One run of a load generator against a system, with what the system used meanwhile. */
import { join } from "node:path";
import type { Measured, Plan, Report } from "./load/plan.ts";
import { type Core, cpuSeconds, end, memoryBytes, start } from "./processes.ts";
import type { RunningSystem } from "./systems/system.ts";

export type LoadResult = Measured & {
  /** Processor seconds of the server and its database in the measured time. */
  readonly serverCpuSeconds: number;
  /** While it runs: seconds since the beginning, bytes of the server, bytes of the load generator. */
  readonly memory: readonly (readonly [number, number, number])[];
};

type Started = { readonly reports: AsyncIterable<Report>; readonly stop: () => Promise<void> };

function startLoad(plan: Plan, core: Core): Started {
  const child = start([process.execPath, join(import.meta.dirname, "load", "main.ts")], core, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting: Report[] = [];
  let wake: () => void = () => undefined;
  let isGone = false;
  child.on("message", (report) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the child is load/main.ts
    waiting.push(report as Report);
    wake();
  });
  child.on("exit", () => {
    isGone = true;
    wake();
  });
  child.send(plan);
  async function* reports(): AsyncGenerator<Report> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (isGone) throw new Error("the load generator ended");
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { reports: reports(), stop: () => end(child) };
}

export async function runLoad(system: RunningSystem, plan: Omit<Plan, "access">, core: Core): Promise<LoadResult> {
  const load = startLoad({ ...plan, access: system.access }, core);
  const memory: (readonly [number, number, number])[] = [];
  let [cpu, began] = [0, 0];
  try {
    for await (const report of load.reports) {
      if (report.event === "begin") [cpu, began] = [cpuSeconds(system.pids), performance.now()];
      if (report.event === "memory" && began > 0) memory.push([(performance.now() - began) / 1000, memoryBytes(system.pids), report.rss]);
      if (report.event === "end") return { ...report.measured, serverCpuSeconds: cpuSeconds(system.pids) - cpu, memory };
    }
    throw new Error("no end");
  } finally {
    await load.stop();
  }
}

const REST_MS = 3_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Opens silent connections in two steps and gives what the second step adds to the server's memory, once it has come to rest. The first step
 * takes what a server needs once, however many connections follow.
 */
export async function holdIdle(
  system: RunningSystem,
  plan: { readonly first: number; readonly more: number; readonly name: string },
  core: Core,
): Promise<{ readonly addedBytes: number }> {
  const open = async (connections: number, firstIndex: number): Promise<{ readonly bytes: number; readonly stop: () => Promise<void> }> => {
    const shape = { shape: "idle" as const, senders: 0, warmSeconds: 0, seconds: 0 };
    const { reports, stop } = startLoad({ ...shape, connections, firstIndex, name: plan.name, access: system.access }, core);
    for await (const report of reports) if (report.event === "ready") break;
    await pause(REST_MS);
    system.rest?.();
    await pause(REST_MS);
    return { bytes: memoryBytes(system.pids), stop };
  };
  const first = await open(plan.first, 0);
  try {
    const more = await open(plan.more, plan.first);
    await more.stop();
    return { addedBytes: more.bytes - first.bytes };
  } finally {
    await first.stop();
  }
}
