/** What a benchmark has set out to reach, and whether this run reached it. Whatever the run left out is "not measured". */
import { align } from "./align.ts";

export type Target = {
  readonly name: string;
  /** As it is shown; undefined if the run did not measure it. */
  readonly reached: string | undefined;
  readonly isReached: boolean;
};

export function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ name, reached, isReached }) => [
    name,
    reached ?? "not measured",
    reached === undefined ? "-" : isReached ? "yes" : "no",
  ]);
  return align([["target", "reached", "yes/no"], ...rows]);
}
