/**
 * Messages that nobody wrote, always the same for one seed: words of many lengths and several scripts, few of them frequent and most of them rare,
 * as in a language (Zipf), in sentences of two to forty words.
 */
const FREQUENT =
  "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part ich du der die das und nicht ist ein eine zu mit auf für haben aber heute morgen schön größer que de la le les est pas vous dans pour une sur avec el los por para como pero muy bien mañana été où".split(
    " ",
  );
/** Letters about as often as in English text, so that pairs of letters differ in how often they occur. */
const LETTERS = "eeeeeeeeeeeettttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwwffggyyppbbvkjxqz".split("");
const ENDINGS = ["", "", "", "ing", "ed", "er", "ung", "keit", "ment", "tion", "s", "en", "ly"];
/** First and last code point of letters of other scripts: Greek, Cyrillic, Chinese, Japanese, Arabic, Korean. */
const SCRIPTS = [
  [0x3b1, 0x3c9],
  [0x430, 0x44f],
  [0x4e00, 0x62ff],
  [0x3041, 0x3093],
  [0x621, 0x64a],
  [0xac00, 0xb2ff],
] as const;
const EMOJI = ["👋", "😀", "🎉", "❤️", "👩‍🚀"];
const OTHER_SCRIPTS_SHARE = 0.12;

export type Dice = () => number;

/** Mulberry32: quick, and the same everywhere. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const pick = <T>(dice: Dice, from: readonly T[]): T | undefined => from[Math.floor(dice() * from.length)];

function word(dice: Dice): string {
  if (dice() < OTHER_SCRIPTS_SHARE) {
    const [first, last] = pick(dice, SCRIPTS) ?? SCRIPTS[0];
    return Array.from({ length: 2 + Math.floor(dice() * 6) }, () =>
      String.fromCodePoint(first + Math.floor(dice() * (last - first + 1))),
    ).join("");
  }
  const letters = Array.from({ length: 2 + Math.floor(dice() * 7) }, () => pick(dice, LETTERS) ?? "e").join("");
  return letters + (pick(dice, ENDINGS) ?? "");
}

/** The most frequent word first. */
export function createVocabulary(size: number, dice: Dice): string[] {
  const words = [...FREQUENT];
  while (words.length < size) words.push(word(dice));
  return words;
}

export function sentence(vocabulary: readonly string[], dice: Dice): string {
  const length = 1 + Math.floor(Math.exp(dice() * 3.7));
  const words = Array.from({ length }, () => vocabulary[Math.floor(vocabulary.length ** dice()) - 1] ?? "");
  if (dice() < 0.05) words.push(pick(dice, EMOJI) ?? "");
  const text = words.join(" ");
  return dice() < 0.5 ? text : text.charAt(0).toUpperCase() + text.slice(1) + (dice() < 0.5 ? "." : "?");
}
