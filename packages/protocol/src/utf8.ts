/**
 * UTF-8 (RFC 3629), strict both ways. The pure packages see no TextEncoder; and TextDecoder would drop a byte order mark, so that bytes
 * would not survive a round trip.
 */

/** Smallest code point of a sequence with this many continuation bytes: anything below it is overlong. */
const SMALLEST = [0, 0x80, 0x800, 0x1_0000] as const;

/** How many bytes follow this lead byte, or -1. */
function continuationCount(lead: number): number {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead < 0xe0) return 1;
  if (lead >= 0xe0 && lead < 0xf0) return 2;
  if (lead >= 0xf0 && lead < 0xf5) return 3;
  return -1;
}

/** The code point at `at`, or -1 if the bytes are not UTF-8 there. */
function codePointAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const count = continuationCount(lead);
  if (count === 0) return lead;
  if (count < 0 || at + count >= end) return -1;
  let code = lead & (0x3f >> count);
  for (let i = 1; i <= count; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  const valid = code >= (SMALLEST[count] ?? 0) && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
  return valid ? code : -1;
}

function sizeOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x1_0000 ? 3 : 4;
}

/** Whether bytes [start, end) are valid UTF-8. */
export function isUtf8(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  let at = start;
  while (at < end) {
    if ((bytes[at] ?? 0) < 0x80) {
      at += 1;
      continue;
    }
    const code = codePointAt(bytes, at, end);
    if (code < 0) return false;
    at += sizeOf(code);
  }
  return true;
}

/** The text, or undefined if the bytes are not valid UTF-8. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const pieces: string[] = [];
  let codes: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const code = codePointAt(bytes, at, bytes.length);
    if (code < 0) return undefined;
    codes.push(code);
    at += sizeOf(code);
    if (codes.length === 4096) {
      pieces.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  pieces.push(String.fromCodePoint(...codes));
  return pieces.join("");
}

/** Whether a string has no lone surrogate, so that it has a UTF-8 form. */
export function isWellFormedText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
    i += 1;
  }
  return true;
}

/** Bytes that the text has in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += sizeOf(character.codePointAt(0) ?? 0);
  return length;
}

/** The UTF-8 form. A lone surrogate becomes U+FFFD; ask {@link isWellFormedText} first where that matters. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    const size = sizeOf(code);
    for (let i = size - 1; i > 0; i--) bytes[at + i] = 0x80 | ((code >>> (6 * (size - 1 - i))) & 0x3f);
    bytes[at] = size === 1 ? code : ((0xf00 >> size) & 0xff) | (code >>> (6 * (size - 1)));
    at += size;
  }
  return bytes;
}
