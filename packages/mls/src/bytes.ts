/** Small byte-array helpers without a home in any struct. */

const hexDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
const emptyBytes: Uint8Array = new Uint8Array(0);

/** A shared zero-length array. */
export function empty(): Uint8Array {
  return emptyBytes;
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexDigits[byte] ?? "";
  return text;
}

/** ASCII only: labels of the protocol. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Comparison of public values; stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Comparison of tags: its time depends on the length only, as far as a JavaScript engine lets it. */
export function equalTags(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

const texts = new WeakMap<Uint8Array, string>();

/** A string that is equal exactly for equal bytes, remembered per array object; for use as a map key. */
export function keyText(bytes: Uint8Array): string {
  let text = texts.get(bytes);
  if (text === undefined) {
    text = "";
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    texts.set(bytes, text);
  }
  return text;
}
