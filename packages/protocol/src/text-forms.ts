/**
 * Text forms of bytes. Each value has exactly one form; anything else is refused.
 *
 *   base64url   RFC 4648 §5, no padding: ids in addresses and as keys of maps
 *   base32      RFC 4648 §6, lower case, no padding: account ids and what people type
 *   hex         lower case: vectors and fingerprints
 */

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const HEX = "0123456789abcdef";

function encodeBits(bytes: Uint8Array, alphabet: string, width: number): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= width) {
      bits -= width;
      text += alphabet[(pending >>> bits) & ((1 << width) - 1)] ?? "";
    }
    pending &= (1 << bits) - 1;
  }
  if (bits > 0) text += alphabet[(pending << (width - bits)) & ((1 << width) - 1)] ?? "";
  return text;
}

function decodeBits(text: string, alphabet: string, width: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * width) / 8));
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    pending = (pending << width) | value;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (pending >>> bits) & 0xff;
      at += 1;
    }
    pending &= (1 << bits) - 1;
  }
  // Left-over bits must be zero and fewer than a character, or the same bytes would have several forms.
  return bits < width && pending === 0 ? bytes : undefined;
}

export function bytesToBase64url(bytes: Uint8Array): string {
  return encodeBits(bytes, BASE64URL, 6);
}

export function base64urlToBytes(text: string): Uint8Array | undefined {
  return decodeBits(text, BASE64URL, 6);
}

export function bytesToBase32(bytes: Uint8Array): string {
  return encodeBits(bytes, BASE32, 5);
}

export function base32ToBytes(text: string): Uint8Array | undefined {
  return decodeBits(text, BASE32, 5);
}

export function bytesToHex(bytes: Uint8Array): string {
  return encodeBits(bytes, HEX, 4);
}

export function hexToBytes(text: string): Uint8Array | undefined {
  return decodeBits(text, HEX, 4);
}
