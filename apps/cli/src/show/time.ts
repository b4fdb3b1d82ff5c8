/** Times as people read them, in the time zone of the machine. */
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY_MS = 86_400_000;

export function dayOf(at: number): string {
  return DAY.format(at);
}

export function clockOf(at: number): string {
  return CLOCK.format(at);
}

/** The clock today, else the day. */
export function briefTime(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return clockOf(at);
  const date = new Date(at);
  return now - at < 300 * DAY_MS ? SHORT_DAY.format(at) : `${SHORT_DAY.format(at)} ${date.getFullYear()}`;
}

const UNITS = [
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `604800` is "1 week". */
export function durationWords(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds % unit === 0 && seconds >= unit) ?? ["second", 1];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

const LETTERS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `30s`, `5m`, `8h`, `1d`, `2w` in seconds; undefined for anything else. */
export function parseDuration(typed: string): number | undefined {
  const [, digits = "", letter = ""] = /^(\d{1,6})([smhdw])$/.exec(typed.trim().toLowerCase()) ?? [];
  const seconds = Number(digits) * (LETTERS[letter] ?? 0);
  return seconds > 0 ? seconds : undefined;
}
