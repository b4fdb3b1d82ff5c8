/**
 * Writes a form of known size straight into its bytes, for the few frames that a server sends thousands of times a second. The same bytes as
 * cbor.ts writes, which tests hold; what is written was checked before.
 */
export const MAJOR = { uint: 0, bytes: 2, text: 3, array: 4, map: 5 } as const;

/** Bytes of the head of a number or a length. */
export function headBytes(argument: number): number {
  return argument < 24 ? 1 : argument < 0x100 ? 2 : argument < 0x1_0000 ? 3 : argument < 0x1_0000_0000 ? 5 : 9;
}

/** Bytes of a byte string with its head. */
export function stringBytes(length: number): number {
  return headBytes(length) + length;
}

export class QuickWriter {
  readonly bytes: Uint8Array;
  #at = 0;

  /** Exactly so many bytes must follow. */
  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  head(major: number, argument: number): void {
    const size = headBytes(argument) - 1;
    this.#byte((major << 5) | (size === 0 ? argument : size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27));
    if (size === 8) this.#uint(Math.floor(argument / 0x1_0000_0000), 4);
    this.#uint(argument, Math.min(size, 4));
  }

  #byte(value: number): void {
    this.bytes[this.#at++] = value;
  }

  /** The low bytes of a number. */
  #uint(value: number, size: number): void {
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.#byte((value >>> shift) & 0xff);
  }

  byteString(value: Uint8Array): void {
    this.head(MAJOR.bytes, value.length);
    this.raw(value);
  }

  /** Bytes that are an encoding already. */
  raw(encoded: Uint8Array): void {
    this.bytes.set(encoded, this.#at);
    this.#at += encoded.length;
  }
}
