/**
 * Wall clocks as times: exports give local time and no zone, so one is assumed. The offset of a zone is asked for once an hour of the past. In the hour
 * that a clock shows twice the first one is meant; a time that a clock skips counts as after the gap.
 */
import { isPlausible } from "./times.ts";

export type WallTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

const HOUR = 3_600_000;
const OFFSETS_MAX = 50_000;

export type WallClock = (time: WallTime) => number | undefined;

/** `zone` is an IANA name; one that the platform does not know is taken for UTC. */
export function createWallClock(zone: string): WallClock {
  const format = formatFor(zone);
  const offsets = new Map<number, number>();
  const offsetAt = (at: number): number => {
    const hour = Math.floor(at / HOUR);
    const known = offsets.get(hour);
    if (known !== undefined) return known;
    if (offsets.size > OFFSETS_MAX) offsets.clear();
    const offset = shownAs(format, hour * HOUR) - hour * HOUR;
    offsets.set(hour, offset);
    return offset;
  };
  return ({ year, month, day, hour, minute, second }) => {
    const shown = Date.UTC(year, month - 1, day, hour, minute, second);
    const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60;
    if (!isDate || !isPlausible(shown)) return undefined;
    const first = shown - offsetAt(shown - 24 * HOUR);
    if (first + offsetAt(first) === shown) return first;
    const again = shown - offsetAt(first);
    return again + offsetAt(again) === shown ? again : shown - offsetAt(shown - HOUR);
  };
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const options = {
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  } as const;
  try {
    return new Intl.DateTimeFormat("en-u-ca-gregory", { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat("en-u-ca-gregory", { ...options, timeZone: "UTC" });
  }
}

/** What a clock of the zone shows, as if it were UTC. */
function shownAs(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}
