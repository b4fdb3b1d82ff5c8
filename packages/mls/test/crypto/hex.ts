/** Hexadecimal for test data; spaces and line breaks are ignored. */

export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) throw new Error("not hexadecimal");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** `bytes` with the bit at `position` inverted. */
export function flipBit(bytes: Uint8Array, position: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const index = position >> 3;
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (position & 7));
  return flipped;
}
