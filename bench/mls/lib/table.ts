/**
 * The results as a table for a terminal: one block per operation, one column per N, the time of each contender and how many times that of the
 * first contender it is.
 */
import { align } from "../../lib/align.ts";
import { type Named, type Operation, operations } from "./contender.ts";
import type { Measured, Result } from "./measure.ts";

export const isMeasured = (result: Result | undefined): result is Measured => result !== undefined && "median" in result;

export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  if (ms >= 1) return `${ms.toFixed(ms >= 10 ? 1 : 2)} ms`;
  return `${(ms * 1000).toFixed(0)} µs`;
}

const rate = (ms: number): string => `${Math.round(1000 / ms).toLocaleString("en")}/s`;

function cell(result: Result | undefined, base: Result | undefined): string {
  if (result === undefined) return "-";
  if (!isMeasured(result)) return result.missed.startsWith("limited") ? "(limited)" : "failed";
  const ratio = isMeasured(base) ? ` x${(result.median / base.median).toFixed(2)}` : "";
  const shown = result.median < 1 ? `${duration(result.median)} ${rate(result.median)}` : duration(result.median);
  return shown + ratio;
}

export function table(results: readonly Result[], contenders: readonly Named[]): string {
  const sections: string[] = [];
  for (const operation of Object.keys(operations) as Operation[]) {
    const of = results.filter((result) => result.operation === operation);
    if (of.length > 0) sections.push(section(operation, of, contenders));
  }
  return [...sections, footnotes(results, contenders)].join("\n\n");
}

function section(operation: Operation, results: readonly Result[], contenders: readonly Named[]): string {
  const sizes = [...new Set(results.map(({ n }) => n))].toSorted((a, b) => a - b);
  const find = (contender: string, n: number): Result | undefined => results.find((each) => each.contender === contender && each.n === n);
  const base = contenders.find(({ name }) => results.some((result) => result.contender === name && isMeasured(result)))?.name ?? "";
  const rows = contenders
    .filter(({ name }) => results.some((result) => result.contender === name))
    .map(({ name }) => [name, ...sizes.map((n) => cell(find(name, n), find(base, n))), sizeOf(results, name)]);
  const header = [operations[operation], ...(operation === "keyPackage" ? [""] : sizes.map((n) => `N=${String(n)}`)), ""];
  return align([header, ...rows]);
}

/** Bytes at the largest N. */
function sizeOf(results: readonly Result[], name: string): string {
  const last = results.findLast((result) => result.contender === name && isMeasured(result) && result.bytes !== undefined);
  return isMeasured(last) && last.bytes !== undefined ? `${last.bytes.toLocaleString("en")} B` : "";
}

function footnotes(results: readonly Result[], contenders: readonly Named[]): string {
  const notes = contenders.flatMap(({ name, notes: own = [] }) => own.map((note) => `${name}: ${note}`));
  const missed = new Map<string, number[]>();
  for (const result of results) {
    if (isMeasured(result)) continue;
    const line = `${result.contender}: ${operations[result.operation]}: ${result.missed}`;
    missed.set(line, [...(missed.get(line) ?? []), result.n]);
  }
  const misses = [...missed].map(([line, sizes]) => `${line} (N=${sizes.join(", ")})`);
  return [...notes, ...misses, "xR: times the first contender of the block that has it; medians of rounds in which all take turns."].join(
    "\n",
  );
}
