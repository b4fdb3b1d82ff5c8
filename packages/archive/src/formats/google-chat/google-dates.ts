/** Dates of a Google takeout: prose in the language of the account, always UTC. */
import { parseProseDate } from "../../records/prose-date.ts";
import { isPlausible } from "../../records/times.ts";

/** Milliseconds, of whole seconds. Undefined if it is no date. */
export function googleTime(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const found = parseProseDate(value)?.time;
  if (found === undefined) return undefined;
  const { year, month, day, hour, minute, second } = found;
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60;
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  return isDate && isPlausible(at) ? at : undefined;
}
