/**
 * The start of a message in WhatsApp's text: date, time and a mark, in the form of the phone's language.
 *
 *   [03.10.18, 14:05:06] Ada: text          iOS
 *   03/10/2018, 2:05 pm - Ada: text         Android
 *   2018. 10. 3. 오후 2:05, Ada : text      older Korean
 *
 * Digits of any script, marks of direction and special spaces are made plain first; a map leads back into the line, for the text stays as it is.
 */
import { digitOf } from "../../records/digits.ts";

export type Header = {
  /** As they stand, without meaning yet. */
  readonly numbers: readonly [number, number, number];
  readonly isYearFirst: boolean;
  readonly isYearShort: boolean;
  readonly hour: number;
  readonly minute: number;
  readonly second: number | undefined;
  readonly word: string;
  /** What stands between the numbers: all headers of a file have the same. */
  readonly shape: string;
  /** Where the author begins, in the line. */
  readonly bodyAt: number;
};

const HEADER =
  /^(\[?)(\d{1,4})( ?[./\-年년] ?)(\d{1,2})( ?[./\-月월] ?)(\d{1,4})[日일]?\.?[,،]? ?(?:(\p{L}[\p{L}\p{M}.]{0,15}(?: \p{L}\.?)?) ?)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?(\p{L}[\p{L}\p{M}.]{0,9}(?: ?\p{L}\.)?))?(\]| [-–]|:|,) ?/u;
const LOOK = 96;

const isMark = (code: number): boolean =>
  code === 0xfeff || code === 0x200e || code === 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
const isWideSpace = (code: number): boolean => code === 0xa0 || code === 0x202f || code === 0x2009 || code === 0x3000;

/** The plain start of a line; `places[i]` is where its character i stands in the line. */
function plain(line: string): { readonly text: string; readonly places: readonly number[] } {
  let text = "";
  const places: number[] = [];
  for (let i = 0; i < line.length && text.length < LOOK; i++) {
    const code = line.charCodeAt(i);
    if (isMark(code)) continue;
    const digit = code < 0x0660 ? -1 : digitOf(code);
    text += digit >= 0 ? String(digit) : isWideSpace(code) ? " " : line[i];
    places.push(i);
  }
  return { text, places };
}

export function parseHeader(line: string): Header | undefined {
  const first = line.charCodeAt(0);
  // Most lines that are no header begin with a letter.
  if ((first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a)) return undefined;
  const { text, places } = plain(line);
  const match = HEADER.exec(text);
  if (match === null) return undefined;
  const [whole, open = "", a = "", s1 = "", b = "", s2 = "", c = "", before = "", hour = "", minute = "", second, after = "", end = ""] =
    match;
  if ((open === "[") !== (end === "]") || Number(hour) > 24 || Number(minute) > 59) return undefined;
  const numbers = [Number(a), Number(b), Number(c)] as const;
  if (a.length === 3 || c.length === 3 || (a.length === 4 && c.length === 4)) return undefined;
  const shape = `${open}${s1}${s2}${end}${second === undefined ? "" : "s"}`.replaceAll(" ", "");
  const bodyAt = whole.length < places.length ? (places[whole.length] ?? line.length) : lastPlace(line, text, places);
  return {
    numbers,
    isYearFirst: a.length === 4,
    isYearShort: a.length <= 2 && c.length <= 2,
    hour: Number(hour),
    minute: Number(minute),
    second: second === undefined ? undefined : Number(second),
    word: after || before,
    shape,
    // Marks of direction before the author belong to the header, those before the text to the text.
    bodyAt,
  };
}

function lastPlace(line: string, text: string, places: readonly number[]): number {
  return text.length < LOOK ? line.length : (places.at(-1) ?? line.length - 1) + 1;
}
