/** Digits of the scripts that dates are written in. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0f20, 0x1040, 0xff10];

/** 0 to 9, or -1. */
export function digitOf(code: number): number {
  const zero = ZEROS.find((first) => code >= first && code <= first + 9);
  return zero === undefined ? -1 : code - zero;
}

export function withPlainDigits(text: string): string {
  return text.replaceAll(/[^\P{Nd}\d]/gu, (character) => {
    const digit = digitOf(character.charCodeAt(0));
    return digit < 0 ? character : String(digit);
  });
}
