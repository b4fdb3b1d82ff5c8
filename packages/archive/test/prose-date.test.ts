/** Dates in prose, as a takeout and an HTML export write them, against what the platform itself writes in every language that it knows. */
import { expect, test } from "vitest";
import { parseProseDate } from "../src/records/prose-date.ts";

const LANGUAGES =
  "en en-GB en-IN es es-AR de fr it pt pt-PT nl sv nb da fi is pl cs sk sl hr sr bs hu ro bg mk ru uk be el tr az kk uz ka hy he ar fa ur hi bn mr ta te kn ml th lo km vi id ms fil sw af sq et lv lt ca eu gl cy ga zh zh-TW ja ko".split(
    " ",
  );
const TIMES = [Date.UTC(2021, 1, 7, 17, 13, 43), Date.UTC(2023, 11, 31, 0, 5, 9), Date.UTC(2019, 4, 1, 12, 0, 59)];

test("a date in prose of any language is read as it was written", () => {
  const wrong: string[] = [];
  for (const language of LANGUAGES) {
    const format = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long", timeZone: "UTC", calendar: "gregory" });
    for (const at of TIMES) {
      const text = format.format(at);
      const time = parseProseDate(text)?.time;
      const read = time && Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
      if (read !== at) wrong.push(`${language}: ${text} ${read === undefined ? "-" : new Date(read).toISOString()}`);
    }
  }
  expect(wrong).toEqual([]);
});
