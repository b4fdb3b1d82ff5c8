/**
 * All detectors of texts, in one call. Each takes time in proportion to the text, and none is asked about a text that cannot hold what it looks for:
 * one pass over the characters tells.
 */
import type { ExposureFinding } from "@sotto/protocol";
import { findCards } from "./card-numbers.ts";
import { findIbans } from "./ibans.ts";
import { EXPOSURE_LIMITS } from "./limits.ts";
import { findZones } from "./mrz.ts";
import { findPasswords } from "./passwords.ts";
import { findPlaces } from "./places.ts";
import { findPrivateKeys } from "./private-keys.ts";
import { findSeedPhrases } from "./seed-phrases.ts";
import { findTokens } from "./tokens.ts";

/** Changes when a detector finds more, or less, than before: what was scanned by an older one is scanned again. */
export const EXPOSURE_VERSION = 2;

type Facts = {
  readonly digits: number;
  readonly gaps: number;
  readonly fillers: number;
  readonly longestWord: number;
  readonly signs: number;
};

function factsOf(text: string): Facts {
  let [digits, gaps, fillers, longestWord, word, signs] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32) {
      gaps += 1;
      if (word > longestWord) longestWord = word;
      word = 0;
      continue;
    }
    word += 1;
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 60 || code === 0xab) fillers += 1;
    else if (code === 58 || code === 61 || code === 0xff1a) signs += 1;
  }
  return { digits, gaps, fillers, longestWord: Math.max(longestWord, word), signs };
}

const isWithin = (findings: readonly ExposureFinding[], at: number): boolean =>
  findings.some(({ start, length }) => at >= start && at < start + length);

function* findAll(text: string, around: string): Generator<ExposureFinding> {
  const { digits, gaps, fillers, longestWord, signs } = factsOf(text);
  const ibans = digits >= 8 ? [...findIbans(text)] : [];
  yield* ibans;
  if (digits >= 13) yield* findCards(text, around, (at) => isWithin(ibans, at));
  if (gaps >= 11) yield* findSeedPhrases(text, around);
  if (longestWord >= 20) yield* findTokens(text);
  if (text.includes("-----BEGIN ") || text.includes("PuTTY-User-Key")) yield* findPrivateKeys(text);
  if (fillers >= 3 && digits >= 12) yield* findZones(text);
  if (digits >= 10) yield* findPlaces(text);
  if (gaps > 0 || signs > 0) yield* findPasswords(text);
}

/**
 * What a text holds, each place once. `around` is what was said just before and after in the conversation: it may tell what a number is. Never throws;
 * see EXPOSURE_LIMITS for what is not looked at.
 */
export function findExposures(text: string, around = ""): ExposureFinding[] {
  const found: ExposureFinding[] = [];
  const shown = text.length > EXPOSURE_LIMITS.textMax ? text.slice(0, EXPOSURE_LIMITS.textMax) : text;
  for (const finding of findAll(shown, around)) {
    if (isWithin(found, finding.start)) continue;
    found.push(finding);
    if (found.length === EXPOSURE_LIMITS.findingsPerTextMax) break;
  }
  return found;
}
