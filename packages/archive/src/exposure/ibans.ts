/** International bank account numbers (ISO 13616): the country's length and form, and check digits modulo 97. */
import type { ExposureFinding } from "@sotto/protocol";
import { countrySpecs, isValidIBAN } from "ibantools";
import { maskedEnd } from "./mask.ts";

const START = /(?<![\p{L}\d])[A-Z]{2}\d{2}(?=[ \-\u00A0]?[A-Z0-9])/giu;
const SEPARATOR = /[ \-\u00A0]/;
const LETTER_OR_DIGIT = /[\p{L}\d]/u;

/** So many letters and digits from `start`, over single separators; undefined if there are fewer, or if more follow without one. */
function take(text: string, start: number, count: number): { readonly value: string; readonly end: number } | undefined {
  let [value, at] = ["", start];
  while (value.length < count) {
    const character = text[at] ?? "";
    if (/[A-Z0-9]/i.test(character)) value += character.toUpperCase();
    else if (!SEPARATOR.test(character) || SEPARATOR.test(text[at - 1] ?? "")) return undefined;
    at += 1;
  }
  return LETTER_OR_DIGIT.test(text[at] ?? "") ? undefined : { value, end: at };
}

export function* findIbans(text: string): Generator<ExposureFinding> {
  for (const { index: start, 0: found } of text.matchAll(START)) {
    const country = found.slice(0, 2).toUpperCase();
    const length = Object.hasOwn(countrySpecs, country) ? countrySpecs[country]?.chars : undefined;
    const taken = typeof length === "number" ? take(text, start, length) : undefined;
    if (taken === undefined || !isValidIBAN(taken.value)) continue;
    const masked = `${country} ${maskedEnd(taken.value)}`;
    yield { kind: "iban", level: "confirmed", what: "iban", masked, value: taken.value, start, length: taken.end - start };
  }
}
