/** Times of `chat.db`: nanoseconds since 2001-01-01 UTC, or seconds in files of systems before 2017. 0 is no time. */
import { isPlausible } from "../../records/times.ts";

const EPOCH_MS = Date.UTC(2001, 0, 1);
const SECONDS_MAX = 1e11;

export type AppleTime = { readonly at: number; readonly precision: "ms" | "s" };

export function appleTime(value: unknown): AppleTime | undefined {
  const number = typeof value === "bigint" || typeof value === "number" ? Number(value) : 0;
  const isSeconds = Math.abs(number) < SECONDS_MAX;
  const at = EPOCH_MS + Math.floor(isSeconds ? number * 1000 : number / 1e6);
  return number > 0 && isPlausible(at) ? { at, precision: isSeconds ? "s" : "ms" } : undefined;
}
