/**
 * Dates as people read them, in every language that the platform knows: "Sep 22, 2017 6:33 am", "19 Oct 2019, 14:37", "jun 11, 2026 9:59 a. m.",
 * "2026年5月29日星期五 UTC 03:00:29". The month is a word or says that it is one, so there is nothing to guess about its order.
 */
import { periodOf } from "../formats/whatsapp/day-periods.ts";
import { withPlainDigits } from "./digits.ts";
import type { WallTime } from "./wall-clock.ts";

const LANGUAGES =
  "en es de fr it pt nl sv nb da fi is pl cs sk sl hr sr bs hu ro bg mk ru uk be el tr az kk uz ka hy he ar fa ur hi bn mr ta te kn ml th lo my km vi id ms fil sw af sq et lv lt ca eu gl cy ga".split(
    " ",
  );

let months: Map<string, number> | undefined;

const keyOf = (word: string): string => word.normalize("NFC").toLowerCase().replaceAll(/[.\s]/g, "");

function monthOf(word: string): number | undefined {
  months ??= collect();
  return months.get(keyOf(word));
}

function collect(): Map<string, number> {
  const words = new Map<string, number>();
  for (const language of LANGUAGES) {
    for (const month of ["long", "short"] as const) {
      for (const day of [undefined, "numeric"] as const) {
        const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory-nu-latn`, { month, day, timeZone: "UTC" });
        for (let number = 1; number <= 12; number++) {
          const word = format.formatToParts(Date.UTC(2020, number - 1, 15)).find(({ type }) => type === "month")?.value;
          if (word !== undefined && !/^\d/.test(word) && !words.has(keyOf(word))) words.set(keyOf(word), number);
        }
      }
    }
  }
  return words;
}

/** A month may have an ending or a letter before it: "otsailaren", "בפברואר". */
function monthIn(word: string): number | undefined {
  const key = keyOf(word);
  const whole = monthOf(key) ?? monthOf(key.replace(/\p{M}+$/u, "")) ?? monthOf(key.slice(1));
  if (whole !== undefined || key.length < 6) return whole;
  for (let length = key.length - 1; length > 4; length--) {
    const found = monthOf(key.slice(0, length));
    if (found !== undefined) return found;
  }
  return undefined;
}

const CLOCK = /(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?(\p{L}[\p{L}\p{M}.]{0,9}(?:\s?\p{L}\.)?))?/u;
/** "5시 13분 43초", "17 นาฬิกา 13 นาที 43 วินาที": made a clock with colons first. */
const SPELLED = /(\d{1,2})\s?(?:시|นาฬิกา|ໂມງ)\s?(\d{1,2})\s?(?:분|นาที|ນາທີ)(?:\s?(\d{1,2})\s?(?:초|วินาที|ວິນາທີ))?/u;
const NUMBERS = /(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})/u;
const VIETNAMESE = /(\d{1,2}) tháng (\d{1,2}),? (?:năm )?(\d{4})/u;

export type ProseDate = { readonly time: WallTime; readonly hasSeconds: boolean };

type Day = { readonly year: number; readonly month: number; readonly day: number };

function dayIn(text: string): Day | undefined {
  const [, year, month, day] = NUMBERS.exec(text) ?? [];
  if (year !== undefined) return { year: Number(year), month: Number(month), day: Number(day) };
  const [, dayFirst, monthNext, yearLast] = VIETNAMESE.exec(text) ?? [];
  if (dayFirst !== undefined) return { year: Number(yearLast), month: Number(monthNext), day: Number(dayFirst) };
  const fullYear = /(?:^|\D)(\d{4})(?!\d)/.exec(text)?.[1];
  const shortDay = /(?:^|\D)(\d{1,2})(?!\d)/.exec(text)?.[1];
  const words = text.split(/[\s,،()\d-]+/u).filter((part) => part !== "");
  const named =
    words.map((word) => monthOf(word)).find((found) => found !== undefined) ?? words.map(monthIn).find((found) => found !== undefined);
  if (fullYear === undefined || shortDay === undefined || named === undefined) return undefined;
  return { year: Number(fullYear), month: named, day: Number(shortDay) };
}

/** Elsewhere a word before the clock is an "at", and Welsh has "am" for it. */
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hangul}]{2}\s?$/u;

/** Between 0 and 23, by a word before or behind the clock. */
function fullHour(shown: number, behind: string, before: string): number {
  const half = periodOf(behind) ?? periodOf(EAST_ASIAN.exec(before)?.[0] ?? "");
  if (half === "pm") return shown < 12 ? shown + 12 : shown;
  if (half === "noon") return shown < 6 ? shown + 12 : shown;
  return half === "am" && shown === 12 ? 0 : shown;
}

function withClock(text: string): string {
  const [whole, hour = "0", minute = "0", second = "0"] = SPELLED.exec(text) ?? [];
  return whole === undefined ? text : text.replace(whole, `${hour}:${minute.padStart(2, "0")}:${second.padStart(2, "0")}`);
}

export function parseProseDate(text: string): ProseDate | undefined {
  if (text.length > 100) return undefined;
  const plain = withClock(withPlainDigits(text.replaceAll(/[\u00A0\u202F\u2009]/g, " ")));
  const clock = CLOCK.exec(plain);
  if (clock === null) return undefined;
  const [whole, hour = "0", minute = "0", second, behind = ""] = clock;
  const before = plain.slice(0, clock.index);
  const day = dayIn(before) ?? dayIn(plain.slice(clock.index + whole.length));
  if (day === undefined) return undefined;
  const time = { ...day, hour: fullHour(Number(hour), behind, before), minute: Number(minute), second: Number(second ?? 0) };
  return { time, hasSeconds: second !== undefined };
}
