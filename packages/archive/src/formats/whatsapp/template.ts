/**
 * What the dates of one file mean. All headers of a file were written by one phone, so one order of day, month and year fits all of them; it is found
 * by what cannot be otherwise (a number over 12), then by the order that lets time run forward most, then by dates in names of files.
 */
import type { WallTime } from "../../records/wall-clock.ts";
import type { Header } from "./header.ts";
import { periodOf } from "./day-periods.ts";

type DateOrder = "dmy" | "mdy" | "ymd";
export type Template = { readonly shape: string; readonly order: DateOrder; readonly isSure: boolean };

type Named = { readonly header: Header; readonly named: { readonly year: number; readonly month: number; readonly day: number } };

/** Sees every header of the file once, and keeps counts only. Changes itself. */
export class TemplateFinder {
  readonly #shapes = new Map<string, Evidence>();

  add(header: Header, namedDate: Named["named"] | undefined): void {
    let evidence = this.#shapes.get(header.shape);
    if (evidence === undefined) {
      if (this.#shapes.size >= 50) return;
      evidence = new Evidence();
      this.#shapes.set(header.shape, evidence);
    }
    evidence.add(header, namedDate);
  }

  /** Undefined if there was no header. */
  find(): Template | undefined {
    const [best] = [...this.#shapes].toSorted(([, a], [, b]) => b.count - a.count);
    if (best === undefined) return undefined;
    const [shape, evidence] = best;
    return { shape, ...evidence.decide(shape) };
  }
}

class Evidence {
  count = 0;
  #yearFirst = 0;
  #firstOver12 = 0;
  #secondOver12 = 0;
  #dmyFalls = 0;
  #mdyFalls = 0;
  #dmyNames = 0;
  #mdyNames = 0;
  #last: readonly [dmy: number, mdy: number] | undefined;

  add({ numbers: [a, b, c], isYearFirst }: Header, named: Named["named"] | undefined): void {
    this.count += 1;
    if (isYearFirst) this.#yearFirst += 1;
    if (a > 12) this.#firstOver12 += 1;
    if (b > 12) this.#secondOver12 += 1;
    const [dmy, mdy] = [c * 400 + b * 32 + a, c * 400 + a * 32 + b] as const;
    if (this.#last !== undefined) {
      if (dmy < this.#last[0]) this.#dmyFalls += 1;
      if (mdy < this.#last[1]) this.#mdyFalls += 1;
    }
    this.#last = [dmy, mdy];
    if (named === undefined) return;
    if (named.day === a && named.month === b) this.#dmyNames += 1;
    if (named.day === b && named.month === a) this.#mdyNames += 1;
  }

  decide(shape: string): Pick<Template, "order" | "isSure"> {
    if (this.#yearFirst > this.count / 2) return { order: "ymd", isSure: true };
    if (this.#firstOver12 !== this.#secondOver12) return { order: this.#firstOver12 > this.#secondOver12 ? "dmy" : "mdy", isSure: true };
    if (this.#dmyFalls !== this.#mdyFalls) return { order: this.#dmyFalls < this.#mdyFalls ? "dmy" : "mdy", isSure: true };
    if (this.#dmyNames !== this.#mdyNames) return { order: this.#dmyNames > this.#mdyNames ? "dmy" : "mdy", isSure: true };
    return { order: shape.includes("/") && shape.startsWith("[") ? "mdy" : "dmy", isSure: false };
  }
}

const BUDDHIST = 543;

export function wallTimeOf({ numbers: [a, b, c], isYearShort, hour, minute, second, word }: Header, { order }: Template): WallTime {
  const [year, month, day] = order === "ymd" ? [a, b, c] : order === "dmy" ? [c, b, a] : [c, a, b];
  const full = isYearShort ? 2000 + year : year > 2400 ? year - BUDDHIST : year;
  return { year: full, month, day, hour: hourOf(hour, word), minute, second: second ?? 0 };
}

function hourOf(hour: number, word: string): number {
  const period = word === "" ? undefined : periodOf(word);
  if (period === "am") return hour === 12 ? 0 : hour;
  if (period === "pm") return hour < 12 ? hour + 12 : hour;
  return period === "noon" && hour < 11 ? hour + 12 : hour;
}

const NAMED = /(?:-|^)(\d{4})-?(\d{2})-?(\d{2})[-.\s]/;

/** The date in names such as IMG-20181003-WA0001.jpg and 00000042-PHOTO-2018-10-03-14-05-06.jpg. */
export function dateInName(body: string): Named["named"] | undefined {
  const match = /(IMG|VID|AUD|PTT|STK|DOC|PHOTO|VIDEO|AUDIO|STICKER|GIF)(-\d{8}-WA|-\d{4}-\d{2}-\d{2}-)/.exec(body);
  const found = match === null ? null : NAMED.exec(`${match[2] ?? ""} `);
  if (found === null) return undefined;
  return { year: Number(found[1]), month: Number(found[2]), day: Number(found[3]) };
}
