/**
 * Seed phrases of wallets (BIP-39): 12, 15, 18, 21 or 24 words of its list in a row, whose last bits are a checksum. A row of exactly such a length
 * with a right checksum is confirmed. In a longer row some part may fit by chance, and a wrong checksum may be a slip: those count only beside words
 * that speak of wallets.
 */
import { validateMnemonic } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as french } from "@scure/bip39/wordlists/french.js";
import { wordlist as italian } from "@scure/bip39/wordlists/italian.js";
import { wordlist as portuguese } from "@scure/bip39/wordlists/portuguese.js";
import { wordlist as spanish } from "@scure/bip39/wordlists/spanish.js";
import type { ExposureFinding, ExposureLevel } from "@sotto/protocol";

const LENGTHS = [24, 21, 18, 15, 12];
const WORDS_MIN = 12;
/** Rows that are longer than phrases are looked through up to here. */
const ROW_MAX = 60;
const LISTS = [english, spanish, french, italian, portuguese];

/** In which of the lists a word is, as bits. */
const listsByWord = new Map<string, number>();
for (const [bit, list] of LISTS.entries()) {
  for (const word of list) {
    const known = word.normalize("NFC");
    listsByWord.set(known, (listsByWord.get(known) ?? 0) | (1 << bit));
  }
}

const CONTEXT =
  /seed|mnemonic|recovery|wallet|ledger|trezor|metamask|bitcoin|\bbtc\b|ethereum|crypto|backup|frase|semilla|phrase|wiederherstell/i;
/** Words, and between them space, commas, line breaks, and numbers as in lists: "1. abandon 2. ability". */
const WORD = /\p{L}+/gu;
const BETWEEN_MAX = 14;
const BETWEEN = /^[\s,;]{0,4}(?:\(?\d{1,2}[.):\]]?)?[\s,;]{0,4}$/;

type Word = { readonly text: string; readonly start: number; readonly end: number };
/** Words in a row that one list or several have; `lists` as bits. */
type Row = { readonly words: readonly Word[]; readonly lists: number };

function listsOf(word: string): number {
  return listsByWord.get(word) ?? listsByWord.get(word.toLowerCase().normalize("NFC")) ?? 0;
}

function* rowsIn(text: string): Generator<Row> {
  let row: Word[] = [];
  let lists = 0;
  for (const { 0: found, index: start } of text.matchAll(WORD)) {
    const those = listsOf(found);
    const last = row.at(-1);
    const gap = last === undefined ? "" : text.slice(last.end, Math.min(start, last.end + BETWEEN_MAX + 1));
    if ((lists & those) === 0 || gap.length > BETWEEN_MAX || (gap !== " " && !BETWEEN.test(gap))) {
      if (row.length >= WORDS_MIN) yield { words: row, lists };
      row = [];
      lists = -1;
    }
    if (those !== 0) {
      row.push({ text: found.toLowerCase(), start, end: start + found.length });
      lists &= those;
    }
  }
  if (row.length >= WORDS_MIN) yield { words: row, lists };
}

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code >= 0xc0;

/** Where words begin and end, one after the other. */
function wordBounds(text: string): number[] {
  const bounds: number[] = [];
  let isInside = false;
  for (let at = 0; at < text.length; at++) {
    if (isLetter(text.charCodeAt(at)) === isInside) continue;
    bounds.push(at);
    isInside = !isInside;
  }
  if (isInside) bounds.push(text.length);
  return bounds;
}

/** A row of twelve words has every twelfth word of the text in it: most texts are done with after a look or two. */
function mayHoldPhrase(text: string): boolean {
  const bounds = wordBounds(text);
  const isListed = (word: number): boolean => listsOf(text.slice(bounds[2 * word], bounds[2 * word + 1])) !== 0;
  const count = bounds.length / 2;
  for (let word = WORDS_MIN - 1; word < count; word += WORDS_MIN) {
    let [first, last] = [word, word];
    if (!isListed(word)) continue;
    while (first > 0 && isListed(first - 1) && last - first < WORDS_MIN) first -= 1;
    while (last + 1 < count && isListed(last + 1) && last - first < WORDS_MIN) last += 1;
    if (last - first + 1 >= WORDS_MIN) return true;
  }
  return false;
}

function isPhrase(words: readonly Word[], lists: number): boolean {
  const phrase = words.map(({ text }) => text).join(" ");
  return LISTS.some((list, bit) => (lists & (1 << bit)) !== 0 && validateMnemonic(phrase, list));
}

type Found = { readonly words: readonly Word[]; readonly level: ExposureLevel };

function phraseIn({ words, lists }: Row, speaks: boolean): Found | undefined {
  if (LENGTHS.includes(words.length)) {
    if (isPhrase(words, lists)) return { words, level: "confirmed" };
    if (speaks) return { words, level: "possible" };
  }
  if (!speaks || words.length > ROW_MAX) return undefined;
  for (const length of LENGTHS) {
    for (let at = 0; at + length <= words.length; at++) {
      const some = words.slice(at, at + length);
      if (isPhrase(some, lists)) return { words: some, level: "likely" };
    }
  }
  return undefined;
}

/** `around`: what was said before and after in the conversation. */
export function* findSeedPhrases(text: string, around: string): Generator<ExposureFinding> {
  if (!mayHoldPhrase(text)) return;
  for (const row of rowsIn(text)) {
    const found = phraseIn(row, CONTEXT.test(text) || CONTEXT.test(around));
    const [first, last] = [found?.words[0], found?.words.at(-1)];
    if (found === undefined || first === undefined || last === undefined) continue;
    const value = found.words.map((word) => word.text).join(" ");
    const place = { start: first.start, length: last.end - first.start };
    yield { kind: "seed", level: found.level, what: "seed-phrase", masked: `${found.words.length} words`, value, ...place };
  }
}
