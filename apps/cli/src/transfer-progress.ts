/** How far a file is, on one line of a terminal that is written over: part, bytes, rate and the time that is left. Silent anywhere else. */
import { safeLine } from "./terminal/safe-text.ts";
import { cut } from "./terminal/width.ts";

const SHOWN_EVERY_MS = 200;
/** The rate is that of the last seconds, so that a pause is seen. */
const WINDOW_MS = 5_000;
const UNITS = ["B", "kB", "MB", "GB"] as const;

/** `1.5 MB`: three digits are enough, in thousands as disks are sold. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? "B"}`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

export type Terminal = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

export class TransferProgress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #isShown: boolean;
  #marks: { readonly at: number; readonly bytes: number }[] = [];
  #label = "";
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor({ terminal, now, isQuiet }: { readonly terminal: Terminal; readonly now: () => number; readonly isQuiet: boolean }) {
    this.#terminal = terminal;
    this.#now = now;
    this.#isShown = terminal.isTTY === true && !isQuiet;
  }

  show(label: string, bytes: number, totalBytes: number): void {
    if (!this.#isShown) return;
    const at = this.#now();
    const last = this.#marks.at(-1);
    // Another file, or one that has to go back: measured anew.
    if (label !== this.#label || (last !== undefined && bytes < last.bytes)) this.#marks = [];
    this.#label = label;
    this.#marks = [...this.#marks.filter((mark) => at - mark.at <= WINDOW_MS), { at, bytes }].slice(-100);
    if (at - this.#shownAt < SHOWN_EVERY_MS && bytes < totalBytes) return;
    this.#shownAt = at;
    const { columns = 0 } = this.#terminal;
    // Some terminals do not know how wide they are.
    const width = columns > 0 ? columns - 1 : 79;
    this.#terminal.write(`\r\u001b[K${cut(this.#line(bytes, totalBytes), width)}`);
  }

  /** Clears the line. */
  end(): void {
    if (this.#isShown && this.#label !== "") this.#terminal.write("\r\u001b[K");
    this.#label = "";
    this.#marks = [];
  }

  #line(bytes: number, totalBytes: number): string {
    const percent = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
    const [first] = this.#marks;
    const spanMs = first === undefined ? 0 : this.#now() - first.at;
    const rate = first === undefined || spanMs === 0 ? 0 : ((bytes - first.bytes) / spanMs) * 1000;
    const left = rate > 0 ? `  ${sizeText(rate)}/s  ${timeText((totalBytes - bytes) / rate)} left` : "";
    return `${String(percent).padStart(3)} %  ${sizeText(bytes)} of ${sizeText(totalBytes)}${left}  ${safeLine(this.#label)}`;
  }
}
