/**
 * What the engine has set out to reach, and whether this run reached it. Whatever the run left out is "not measured".
 */
import type { Operation } from "./lib/contender.ts";
import type { Result } from "./lib/measure.ts";
import { align } from "../lib/align.ts";
import { isMeasured } from "./lib/table.ts";
import type { QueueResult } from "./queue.ts";
import type { StoredResult } from "./stored.ts";

export interface Measurements {
  readonly results: readonly Result[];
  readonly stored: readonly StoredResult[];
  readonly queues: readonly QueueResult[];
}

/** The contenders that the targets are about. */
export interface Roles {
  readonly classical: string;
  readonly postQuantum: string;
  /** Absent where it cannot run. */
  readonly libsignal?: string;
}

interface Target {
  readonly target: string;
  readonly reached: string | undefined;
  readonly isReached: boolean;
}

const missing = (target: string): Target => ({ target, reached: undefined, isReached: false });

export function targetsOf(measurements: Measurements, roles: Roles): readonly Target[] {
  const { classical, postQuantum } = roles;
  const median = (contender: string, operation: Operation, n: number): number | undefined => {
    const found = measurements.results.find(
      (result) => result.contender === contender && result.operation === operation && result.n === n && isMeasured(result),
    );
    return isMeasured(found) ? found.median : undefined;
  };
  const under = (target: string, ms: number | undefined, ceilingMs: number): Target =>
    ms === undefined ? missing(target) : { target, reached: `${ms.toFixed(1)} ms`, isReached: ms < ceilingMs };
  const perSecond = (target: string, ms: number | undefined, floor: number): Target =>
    ms === undefined
      ? missing(target)
      : { target, reached: `${Math.round(1000 / ms).toLocaleString("en")}/s`, isReached: 1000 / ms >= floor };
  const versusSignal = (target: string, operation: Operation, floor: number): readonly Target[] => {
    if (roles.libsignal === undefined) return [];
    const [own, theirs] = [median(classical, operation, 2), median(roles.libsignal, operation, 2)];
    if (own === undefined || theirs === undefined) return [missing(target)];
    return [{ target, reached: `x${(theirs / own).toFixed(2)}`, isReached: theirs / own >= floor }];
  };
  return [
    ...versusSignal("encrypt 1 KiB at 1.2 times the speed of libsignal 1:1 or more", "encrypt1KiB", 1.2),
    ...versusSignal("decrypt 1 KiB at 0.7 times the speed of libsignal 1:1 or more", "decrypt1KiB", 0.7),
    under("process an update commit, N=1000, under 8 ms", median(classical, "updateCommitProcess", 1000), 8),
    under("process an update commit, N=1000, post-quantum, under 20 ms", median(postQuantum, "updateCommitProcess", 1000), 20),
    under("join a full tree of 1000 under 200 ms", median(classical, "join", 1000), 200),
    perSecond("2,500 key packages a second", median(classical, "keyPackage", 1), 2500),
    perSecond("1,200 key packages a second, post-quantum", median(postQuantum, "keyPackage", 1), 1200),
    deltaTarget(measurements.stored),
    ...measurements.queues.map(queueTarget),
  ];
}

function deltaTarget(stored: readonly StoredResult[]): Target {
  const target = "store less than 1 KiB a message at any N";
  if (stored.length === 0) return missing(target);
  const most = Math.max(...stored.flatMap(({ bytes }) => [bytes.sentFirst, bytes.sent, bytes.receivedFirst, bytes.received]));
  const nMax = Math.max(...stored.map(({ n }) => n));
  return { target, reached: `${most.toLocaleString("en")} B at most, up to N=${String(nMax)}`, isReached: most < 1024 };
}

/** Cores where processor time can be seen; elsewhere what more than one core must have made possible. */
function queueTarget({ name, oneByOne, pooled }: QueueResult): Target {
  const gain = pooled.perSecond / oneByOne.perSecond;
  const { cores } = pooled;
  return cores === undefined
    ? { target: `open a queue on more than one core: ${name}`, reached: `x${gain.toFixed(2)} as quick as on one`, isReached: gain >= 1.3 }
    : {
        target: `open a queue on 1.6 cores or more: ${name}`,
        reached: `${cores.toFixed(2)} cores, x${gain.toFixed(2)}`,
        isReached: cores >= 1.6,
      };
}

export function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ target, reached, isReached }) => [
    target,
    reached ?? "not measured",
    reached === undefined ? "" : isReached ? "yes" : "no",
  ]);
  return align([["target", "reached", "yes/no"], ...rows]);
}
