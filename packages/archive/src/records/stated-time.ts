/** Times as "2021-03-04 05:06:07 UTC": with or without the zone's name, always UTC. */
import { isPlausible } from "./times.ts";

export function statedTime(value: unknown): number | undefined {
  const match = typeof value === "string" ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?(?:UTC|Z))?$/.exec(value) : null;
  const at = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  return isPlausible(at) ? at : undefined;
}
