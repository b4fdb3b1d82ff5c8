/**
 * TLS presentation language, reading side (RFC 8446 §3, RFC 9420 §2.1). Every read is bounds-checked; decoding
 * never copies more than the input holds and never recurses on lengths. Failures are {@link Reject}s.
 */
import { empty } from "../bytes.ts";
import { LIMITS } from "../limits.ts";
import { attempt, type Outcome, Reject } from "../outcome.ts";

export class Reader {
  readonly #bytes: Uint8Array;
  #end: number;
  #at = 0;
  /** Items and byte strings that may still be read: each costs memory, however few bytes of the input it takes. */
  #itemsLeft: number;

  constructor(bytes: Uint8Array, itemsMax: number = LIMITS.itemsMax) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#itemsLeft = itemsMax;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  #countItem(): void {
    if (this.#itemsLeft-- <= 0) throw new Reject("limit_exceeded");
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw new Reject("decode_truncated");
    this.#at = start + count;
    return start;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    const at = this.#take(2);
    return ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
  }

  u32(): number {
    const high = this.u16();
    return high * 0x10000 + this.u16();
  }

  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  /** Exactly `count` bytes, copied. */
  raw(count: number): Uint8Array {
    if (count === 0) return empty();
    const at = this.#take(count);
    return this.#bytes.slice(at, at + count);
  }

  #length30(): number {
    const first = this.u8();
    const prefix = first >>> 6;
    if (prefix === 0) return first;
    if (prefix === 1) {
      const value = ((first & 0x3f) << 8) | this.u8();
      if (value < 0x40) throw new Reject("decode_non_minimal");
      return value;
    }
    if (prefix === 3) throw new Reject("decode_invalid");
    const value = (first & 0x3f) * 0x1000000 + (this.u8() << 16) + this.u16();
    if (value < 0x4000) throw new Reject("decode_non_minimal");
    return value;
  }

  /** `opaque value<V>` of at most `max` bytes, copied. */
  opaque(max: number = LIMITS.messageBytesMax): Uint8Array {
    const length = this.#length30();
    if (length > this.remaining) throw new Reject("decode_truncated");
    if (length > max) throw new Reject("limit_exceeded");
    this.#countItem();
    return this.raw(length);
  }

  /** `opaque value<V>` as a view into the input, for what is used at once and not kept. */
  opaqueView(): Uint8Array {
    const length = this.#length30();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** `T items<V>` of at most `max` items. */
  vector<T>(read: (reader: Reader) => T, max: number): T[] {
    const length = this.#length30();
    if (length > this.remaining) throw new Reject("decode_truncated");
    const outerEnd = this.#end;
    this.#end = this.#at + length;
    const items: T[] = [];
    while (this.#at < this.#end) {
      if (items.length >= max) throw new Reject("limit_exceeded");
      this.#countItem();
      items.push(read(this));
    }
    this.#end = outerEnd;
    return items;
  }

  /** `optional<T>`: the presence byte is 0 or 1. */
  optional<T>(read: (reader: Reader) => T): T | undefined {
    const present = this.u8();
    if (present > 1) throw new Reject("decode_invalid");
    return present === 1 ? read(this) : undefined;
  }

  /** Whether everything up to the end is zero. */
  isZeroFromHere(): boolean {
    for (let at = this.#at; at < this.#end; at++) if (this.#bytes[at] !== 0) return false;
    return true;
  }

  /** Everything up to the end, copied. */
  rest(): Uint8Array {
    return this.raw(this.remaining);
  }
}

/** Reads one whole value; bytes after it are an error. Throws {@link Reject}. */
export function readWhole<T>(read: (reader: Reader) => T, bytes: Uint8Array): T {
  if (bytes.length > LIMITS.messageBytesMax) throw new Reject("limit_exceeded");
  const reader = new Reader(bytes);
  const value = read(reader);
  if (reader.remaining > 0) throw new Reject("decode_trailing");
  return value;
}

/** {@link readWhole} as an outcome, for callers outside the engine. */
export function decode<T>(read: (reader: Reader) => T, bytes: Uint8Array): Outcome<T> {
  return attempt(() => readWhole(read, bytes));
}
