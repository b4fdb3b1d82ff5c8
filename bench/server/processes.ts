/** Processes of other programs: which processor they run on, what they use, and that they end. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** `undefined`: any of them. */
export type Core = number | undefined;

const isLinux = process.platform === "linux";

export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...folders, ...(process.env["PATH"] ?? "").split(delimiter)];
  return all
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const canPin = isLinux && findProgram("taskset") !== undefined;

export function start(command: readonly string[], core: Core, options: SpawnOptions = {}): ChildProcess {
  const [file = "", ...rest] = core === undefined || !canPin ? command : ["taskset", "-c", String(core), ...command];
  return spawn(file, rest, { stdio: "ignore", ...options });
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await gone;
  clearTimeout(late);
}

/** A process and its descendants, by /proc. */
function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(Number(name));
    if (fields !== undefined) parents.set(Number(name), Number(fields[1]));
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

/** The fields of /proc/PID/stat after the name: state, parent, … */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

const TICKS_PER_SECOND = 100;

/** Processor seconds that these processes and their children have used so far. */
export function cpuSeconds(roots: readonly number[]): number {
  if (!isLinux) return Number.NaN;
  let ticks = 0;
  for (const pid of roots.flatMap(family)) {
    const fields = statOf(pid);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Memory of these processes and their children, what they share counted in parts (PSS). */
export function memoryBytes(roots: readonly number[]): number {
  if (!isLinux) return Number.NaN;
  let kib = 0;
  for (const pid of roots.flatMap(family)) {
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return kib * 1024;
}
