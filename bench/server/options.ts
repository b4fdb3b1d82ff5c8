/** The arguments: `[--quick] [--only <text>] [--cores pinned|any] [--minutes N] [--rate N] [--json]`. */
import { parseArgs } from "node:util";

export type ServerBenchOptions = {
  readonly only: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly isPinned: boolean;
  /** How long the load lasts under which memory is watched; 0: not at all. */
  readonly minutes: number;
  readonly rate: number;
  readonly isJson: boolean;
};

export function readOptions(args: readonly string[]): ServerBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      cores: { type: "string", default: "pinned" },
      minutes: { type: "string", default: "0" },
      rate: { type: "string", default: "1000" },
    },
  });
  const { quick, only } = values;
  return {
    only,
    rounds: quick ? 1 : 3,
    seconds: quick ? 4 : 10,
    isPinned: values.cores !== "any",
    minutes: Number(values.minutes),
    rate: Number(values.rate),
    isJson: values.json,
  };
}
