/**
 * Numbers of payment cards: an issuer's range, one of its lengths, and the check digit (ISO/IEC 7812-1, Luhn).
 *
 * One in ten random numbers has a right check digit, and one in four begins like a card. So a number is shown as a card only with words near it that
 * speak of cards, or if it stands in the groups in which it is printed; and only with both as confirmed.
 */
import type { ExposureFinding, ExposureLevel } from "@sotto/protocol";
import { EXPOSURE_LIMITS } from "./limits.ts";
import { maskedEnd } from "./mask.ts";

/** First digits from–to, and lengths. Ranges that were given up, and local schemes that share a range, are left out. */
const ISSUERS: readonly {
  readonly what: string;
  readonly ranges: readonly (readonly [string, string])[];
  readonly lengths: readonly number[];
}[] = [
  { what: "visa", ranges: [["4", "4"]], lengths: [16, 13, 19] },
  {
    what: "mastercard",
    ranges: [
      ["51", "55"],
      ["2221", "2720"],
    ],
    lengths: [16],
  },
  {
    what: "american-express",
    ranges: [
      ["34", "34"],
      ["37", "37"],
    ],
    lengths: [15],
  },
  {
    what: "discover",
    ranges: [
      ["6011", "6011"],
      ["644", "659"],
    ],
    lengths: [16, 19],
  },
  {
    what: "diners-club",
    ranges: [
      ["300", "305"],
      ["36", "36"],
      ["38", "39"],
    ],
    lengths: [14],
  },
  { what: "jcb", ranges: [["3528", "3589"]], lengths: [16] },
  { what: "unionpay", ranges: [["62", "62"]], lengths: [16, 17, 18, 19] },
  {
    what: "maestro",
    ranges: [
      ["5018", "5018"],
      ["5020", "5020"],
      ["5038", "5038"],
      ["5893", "5893"],
      ["6304", "6304"],
      ["6759", "6759"],
      ["6761", "6763"],
    ],
    lengths: [16, 18, 19],
  },
  { what: "mir", ranges: [["2200", "2204"]], lengths: [16] },
];

/** How numbers are grouped on cards. */
const PRINTED = new Set(["4-4-4-4", "4-6-5", "4-6-4", "4-4-4-4-3"]);
const GROUPS_MAX = 5;
const DIGITS = /\d(?:[ \-\u00A0\u202F]?\d){12,}/g;
const CONTEXT =
  /card|visa|maestro|amex|american express|discover|\bjcb\b|cvv|cvc|cvn|expir|\bexp\b|valid (?:thru|until)|kredit|karte|prüfziffer|gültig|carte|tarjeta|caduc|carta|cartão|scad|kaart|kort|karta|kart[ıi]|карт|カード|クレジット|信用卡|银行卡|卡号|카드/i;
const EXPIRY = /(?:^|[^\d/])(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d(?![\d/])/;
const OTHER_NUMBER =
  /(?:order|tracking|track|parcel|shipment|sendung\S*|paket\S*|bestell\S*|auftrag\S*|rechnung\S*|invoice|ticket|booking|reference|ref|imei|iccid|sim|isbn|ean|serial|customer|kunden\S*|account id|phone|tel|commande|pedido|colis|ordine|заказ\S*|трек\S*)(?:[ \-.]?(?:no|nr|number|nummer|id|code))?[.:#№ ]{0,4}$/i;

function hasCardCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, doubled = false; at >= 0; at--, doubled = !doubled) {
    const digit = digits.charCodeAt(at) - 48;
    sum += doubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
  }
  return sum % 10 === 0;
}

const isInRange = (digits: string, [from, to]: readonly [string, string]): boolean => {
  const first = digits.slice(0, from.length);
  return first >= from && first <= to;
};

function issuerOf(digits: string): string | undefined {
  const found = ISSUERS.find(({ ranges, lengths }) => lengths.includes(digits.length) && ranges.some((range) => isInRange(digits, range)));
  return found !== undefined && hasCardCheckDigit(digits) ? found.what : undefined;
}

type Group = { readonly start: number; readonly digits: string };
type Candidate = { readonly start: number; readonly end: number; readonly digits: string; readonly isPrinted: boolean };

function groupsIn(run: string, at: number): Group[] {
  return Array.from(run.matchAll(/\d+/g), (match) => ({ start: at + match.index, digits: match[0] }));
}

const candidateOf = (groups: readonly Group[], isPrinted: boolean): Candidate | undefined => {
  const [first, last] = [groups[0], groups.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { start: first.start, end: last.start + last.digits.length, digits: groups.map(({ digits }) => digits).join(""), isPrinted };
};

/** One unbroken number, or groups as on a card that are not part of a longer row of such groups. */
function candidatesIn(groups: readonly Group[]): Candidate[] {
  const found: Candidate[] = [];
  for (let at = 0; at < groups.length; at++) {
    const whole = groups[at];
    if (whole === undefined) continue;
    if (whole.digits.length >= 13 && whole.digits.length <= 19)
      found.push({ ...whole, end: whole.start + whole.digits.length, isPrinted: false });
    if (groups[at - 1]?.digits.length === 4) continue;
    for (let count = 3; count <= GROUPS_MAX; count++) {
      const some = groups.slice(at, at + count);
      if (some.length < count || groups[at + count]?.digits.length === 4) continue;
      const candidate = PRINTED.has(some.map(({ digits }) => digits.length).join("-")) ? candidateOf(some, true) : undefined;
      if (candidate !== undefined) found.push(candidate);
    }
  }
  return found;
}

function levelOf(text: string, { start, end, isPrinted }: Candidate, around: string): ExposureLevel | undefined {
  const before = text.slice(Math.max(0, start - EXPOSURE_LIMITS.contextCharacters), start);
  const after = text.slice(end, end + EXPOSURE_LIMITS.contextCharacters);
  const isOther = OTHER_NUMBER.test(before.slice(-32));
  const speaks = CONTEXT.test(before) || CONTEXT.test(after) || EXPIRY.test(after);
  if (speaks) return isOther ? "possible" : "confirmed";
  if (isOther) return undefined;
  if (CONTEXT.test(around) || EXPIRY.test(around)) return "likely";
  return isPrinted ? "possible" : undefined;
}

/** `around`: what was said before and after in the conversation. `taken`: whether this place is something else already. */
export function* findCards(text: string, around: string, isTaken: (start: number) => boolean): Generator<ExposureFinding> {
  for (const match of text.matchAll(DIGITS)) {
    const before = text[match.index - 1] ?? " ";
    // Part of a longer word, number or address.
    if (/[\p{L}\d_.,/+%=&#-]/u.test(before) && !/[#.,]/.test(before)) continue;
    let end = -1;
    for (const candidate of candidatesIn(groupsIn(match[0], match.index))) {
      if (candidate.start < end || isTaken(candidate.start)) continue;
      const what = issuerOf(candidate.digits);
      const level = what === undefined ? undefined : levelOf(text, candidate, around);
      if (what === undefined || level === undefined) continue;
      end = candidate.end;
      const { start, digits } = candidate;
      yield { kind: "card", level, what, masked: maskedEnd(digits), value: digits, start, length: end - start };
    }
  }
}
