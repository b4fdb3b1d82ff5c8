/**
 * Dates as people read them, in every language that the platform knows: "Sep 22, 2017 6:33 am", "19 Oct 2019, 14:37", "jun 11, 2026 9:59 a. m.". The
 * month is a word, so there is nothing to guess about its order.
 */
import { periodOf } from "../formats/whatsapp/day-periods.ts";
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

const CLOCK = /(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?(\p{L}[\p{L}\p{M}.]{0,9}(?:\s?\p{L}\.)?))?/u;

export type ProseDate = { readonly time: WallTime; readonly hasSeconds: boolean };

export function parseProseDate(text: string): ProseDate | undefined {
  if (text.length > 100) return undefined;
  const plain = text.replaceAll(/[\u00A0\u202F\u2009]/g, " ");
  const clock = CLOCK.exec(plain);
  if (clock === null) return undefined;
  const date = plain.slice(0, clock.index);
  const year = /\b(\d{4})\b/.exec(date)?.[1];
  const day = /(?:^|\D)(\d{1,2})(?!\d)/.exec(date)?.[1];
  const word = date.split(/[\s,\d]+/).find((part) => part !== "" && monthOf(part) !== undefined);
  if (year === undefined || day === undefined || word === undefined) return undefined;
  const [, hour = "0", minute = "0", second, period = ""] = clock;
  const half = period === "" ? undefined : periodOf(period);
  const shown = Number(hour);
  const full = half === "pm" && shown < 12 ? shown + 12 : half === "am" && shown === 12 ? 0 : shown;
  const time = {
    year: Number(year),
    month: monthOf(word) ?? 0,
    day: Number(day),
    hour: full,
    minute: Number(minute),
    second: Number(second ?? 0),
  };
  return { time, hasSeconds: second !== undefined };
}
