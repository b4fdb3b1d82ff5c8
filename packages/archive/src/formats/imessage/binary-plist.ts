/**
 * Apple's binary property lists, as far as a message's `message_summary_info` needs them:
 *
 *   "bplist00"  objects  offset table  trailer[32]: …[6] offsetBytes refBytes objects u64 top u64 tableAt u64     big-endian
 *   object      marker: kind << 4 | count (F: an integer object follows)
 *               0 null and booleans, 1 integer, 2 real, 3 date, 4 data, 5 ASCII, 6 UTF-16, A array, D dictionary
 *
 * Undefined for anything else, for what is deeper than 16, and for what has more than 10,000 values: objects may refer to each other in circles.
 */
export type PlistValue =
  null | boolean | bigint | number | string | Uint8Array | readonly PlistValue[] | { readonly [key: string]: PlistValue };

const TRAILER = 32;
const DEPTH_MAX = 16;
const VALUES_MAX = 10_000;

class Broken extends Error {}

class PlistReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #offsetBytes: number;
  readonly #refBytes: number;
  readonly #count: number;
  readonly #tableAt: number;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const trailer = bytes.length - TRAILER;
    this.#offsetBytes = this.#byte(trailer + 6);
    this.#refBytes = this.#byte(trailer + 7);
    this.#count = this.#integer(trailer + 8, 8);
    this.#tableAt = this.#integer(trailer + 24, 8);
  }

  top(): PlistValue {
    return this.#object(this.#integer(this.#bytes.length - 16, 8), 0);
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new Broken();
    return byte;
  }

  #integer(at: number, length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + this.#byte(at + i);
    if (!Number.isSafeInteger(value)) throw new Broken();
    return value;
  }

  #slice(at: number, length: number): Uint8Array {
    if (at + length > this.#bytes.length) throw new Broken();
    return this.#bytes.subarray(at, at + length);
  }

  #object(ref: number, depth: number): PlistValue {
    this.#values += 1;
    if (ref >= this.#count || depth > DEPTH_MAX || this.#values > VALUES_MAX) throw new Broken();
    const at = this.#integer(this.#tableAt + ref * this.#offsetBytes, this.#offsetBytes);
    const marker = this.#byte(at);
    const low = marker & 0x0f;
    switch (marker >> 4) {
      case 0:
        return low === 8 ? false : low === 9 ? true : null;
      case 1:
        return this.#integer(low > 3 ? at + 9 : at + 1, low > 3 ? 8 : 1 << low);
      case 2:
        return low === 2 ? this.#view.getFloat32(at + 1) : this.#real(at + 1);
      case 3:
        return this.#real(at + 1);
      default:
        return this.#counted(marker >> 4, at, depth);
    }
  }

  #real(at: number): number {
    if (at + 8 > this.#bytes.length) throw new Broken();
    return this.#view.getFloat64(at);
  }

  #counted(kind: number, at: number, depth: number): PlistValue {
    const low = this.#byte(at) & 0x0f;
    const width = low === 0x0f ? 1 << (this.#byte(at + 1) & 0x0f) : 0;
    const count = low === 0x0f ? this.#integer(at + 2, width) : low;
    const start = at + 1 + (low === 0x0f ? 1 + width : 0);
    const ref = (index: number): PlistValue => this.#object(this.#integer(start + index * this.#refBytes, this.#refBytes), depth + 1);
    if (count > this.#bytes.length) throw new Broken();
    if (kind === 4) return this.#slice(start, count);
    if (kind === 5) return String.fromCharCode(...this.#slice(start, Math.min(count, 4096)));
    if (kind === 6) {
      let text = "";
      for (let i = 0; i < Math.min(count, 4096); i++) text += String.fromCharCode(this.#integer(start + 2 * i, 2));
      return text;
    }
    if (kind === 0xa) return Array.from({ length: count }, (_, index) => ref(index));
    if (kind !== 0xd) throw new Broken();
    const entries: [string, PlistValue][] = [];
    for (let index = 0; index < count; index++) {
      const key = ref(index);
      if (typeof key === "string") entries.push([key, ref(count + index)]);
    }
    return Object.fromEntries(entries);
  }
}

export function parseBinaryPlist(bytes: Uint8Array): PlistValue | undefined {
  if (bytes.length < 8 + TRAILER || String.fromCharCode(...bytes.subarray(0, 8)) !== "bplist00") return undefined;
  try {
    return new PlistReader(bytes).top();
  } catch (error) {
    if (error instanceof Broken || error instanceof RangeError) return undefined;
    throw error;
  }
}
