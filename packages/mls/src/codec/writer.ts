/**
 * TLS presentation language, writing side (RFC 8446 §3, RFC 9420 §2.1).
 *
 * Integers are big-endian. `<V>` vectors carry a variable-size length: two high bits give the size of the
 * length field (00 one byte, 01 two, 10 four; 11 is invalid), and the shortest form is mandatory.
 */
import { Reject } from "../outcome.ts";

/** Length of `bytes` as `opaque value<V>`, for exact size hints. */
export function opaqueLength({ length }: Uint8Array): number {
  return length + (length < 0x40 ? 1 : length < 0x4000 ? 2 : 4);
}

export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(sizeHint = 256) {
    this.#bytes = new Uint8Array(sizeHint);
  }

  #room(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      // It may be a secret that is written.
      this.#bytes.fill(0, 0, start);
      this.#bytes = grown;
    }
    this.#length = end;
    return start;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
    return this;
  }

  u64(value: bigint): this {
    return this.u32(Number(value >> 32n)).u32(Number(value & 0xffffffffn));
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  #length30(value: number): this {
    if (value < 0x40) return this.u8(value);
    if (value < 0x4000) return this.u16(value | 0x4000);
    if (value < 0x40000000) return this.u32((value | 0x80000000) >>> 0);
    throw new Reject("limit_exceeded");
  }

  /** `opaque value<V>` */
  opaque(bytes: Uint8Array): this {
    return this.#length30(bytes.length).raw(bytes);
  }

  /** `T items<V>`: the length counts bytes, so the items are written to a buffer of their own first. */
  vector<T>(items: readonly T[], write: (writer: Writer, item: T) => void): this {
    const inner = new Writer(items.length * 8);
    for (const item of items) write(inner, item);
    return this.opaque(inner.view());
  }

  /** `optional<T>` */
  optional<T>(value: T | undefined, write: (writer: Writer, value: T) => void): this {
    if (value === undefined) return this.u8(0);
    this.u8(1);
    write(this, value);
    return this;
  }

  /** The bytes so far, valid until the next write. An exact size hint spares a view, which costs a small array more than its bytes. */
  view(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
  }

  /** Gives the bytes away; the writer must not be used again. Copies only what would keep much unused memory alive. */
  finish(): Uint8Array {
    if (this.#length * 2 >= this.#bytes.length) return this.view();
    const bytes = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0, 0, this.#length);
    return bytes;
  }
}

/** Encodes one value with its struct's writing function. `sizeHint` saves growing when the size is roughly known. */
export function encode<T>(write: (writer: Writer, value: T) => void, value: T, sizeHint?: number): Uint8Array {
  const writer = new Writer(sizeHint);
  write(writer, value);
  return writer.finish();
}
