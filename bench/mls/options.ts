/** The arguments of both programs: `[--quick] [--json] [--slow] [--only <text>] [--op <operation>|stored|queue] [--n 2,16]`. */
import { parseArgs } from "node:util";
import type { RunOptions } from "./run.ts";

export function readOptions(): RunOptions & { readonly json: boolean } {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      slow: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      op: { type: "string", multiple: true, default: [] },
      n: { type: "string" },
    },
  });
  const { n, ...rest } = values;
  return { ...rest, sizes: n === undefined ? (rest.quick ? [2, 16, 128] : [2, 16, 128, 1000]) : n.split(",").map(Number) };
}
