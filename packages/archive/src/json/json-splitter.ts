/**
 * Cuts a JSON file of any size into the values that an importer asks for, in one pass over its bytes and in bounded memory.
 *
 * `descend(path)` says which containers are opened; every other value is cut out whole and given as bytes, for JSON.parse. So a message is parsed by
 * the platform's own parser, which is several times as fast as a streaming one in JavaScript, while the file around it is only scanned. The scan
 * knows strings, escapes and brackets; it does not check the rest, so that a file with a broken value loses that value and not what follows.
 */
export type JsonPath = readonly (string | number)[];

export type JsonPiece =
  | { readonly kind: "value"; readonly path: JsonPath; readonly bytes: Uint8Array; readonly at: number }
  /** A container that was opened has ended. */
  | { readonly kind: "end"; readonly path: JsonPath }
  | {
      readonly kind: "problem";
      readonly code: "record_too_long" | "json_too_deep" | "json_damaged" | "json_truncated";
      readonly at: number;
      readonly path: JsonPath;
    };

export type JsonSplitterOptions = {
  readonly descend: (path: JsonPath) => boolean;
  readonly pieceBytesMax: number;
  readonly depthMax: number;
};

type Frame = { readonly isObject: boolean; key: string; index: number; isKeyNext: boolean };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const KEY_BYTES_MAX = 4096;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** What is being cut out: a key, or a value of kind string, container or other (number, literal, damage). */
type Cut = { readonly kind: "key" | "string" | "container" | "other"; readonly start: number; readonly path: JsonPath };

export class JsonSplitter {
  readonly #options: JsonSplitterOptions;
  readonly #frames: Frame[] = [];
  #offset = 0;
  #isOver = false;
  #hasTrailing = false;
  #cut: Cut | undefined;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #isTooLong = false;
  #isTooDeep = false;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(options: JsonSplitterOptions) {
    this.#options = options;
  }

  /** The pieces that end in these bytes. The bytes must not change afterwards. */
  push(bytes: Uint8Array): JsonPiece[] {
    const out: JsonPiece[] = [];
    let at = 0;
    if (this.#offset === 0 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) at = BYTE_ORDER_MARK.length;
    while (at < bytes.length) at = this.#cut === undefined ? this.#between(bytes, at, out) : this.#inside(bytes, at, out);
    // A value that begins with the last byte was begun, but nothing of it was kept yet.
    if (this.#cut?.start === this.#offset + bytes.length - 1) this.#keep(bytes.subarray(-1));
    this.#offset += bytes.length;
    return out;
  }

  finish(): JsonPiece[] {
    const out: JsonPiece[] = [];
    if (this.#cut?.kind === "other") this.#end(new Uint8Array(), out);
    if (this.#cut !== undefined || this.#frames.length > 0 || !this.#isOver) {
      out.push({ kind: "problem", code: "json_truncated", at: this.#cut?.start ?? this.#offset, path: this.#cut?.path ?? this.#path() });
    }
    return out;
  }

  #path(): (string | number)[] {
    return this.#frames.map((frame) => (frame.isObject ? frame.key : frame.index));
  }

  /** One byte between values; returns where to go on. */
  #between(bytes: Uint8Array, at: number, out: JsonPiece[]): number {
    const byte = bytes[at] ?? 0;
    if (isSpace(byte) || byte === COLON) return at + 1;
    const frame = this.#frames.at(-1);
    if (frame === undefined && this.#isOver) {
      if (!this.#hasTrailing) out.push({ kind: "problem", code: "json_damaged", at: this.#offset + at, path: [] });
      this.#hasTrailing = true;
      return bytes.length;
    }
    if (byte === COMMA) {
      if (frame !== undefined) {
        if (frame.isObject) frame.isKeyNext = true;
        else frame.index += 1;
      }
      return at + 1;
    }
    if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      this.#close(at, byte === CLOSE_OBJECT, out);
      return at + 1;
    }
    if (frame?.isObject === true && frame.isKeyNext) return this.#startKey(byte, at, out);
    return this.#startValue(byte, at);
  }

  #close(at: number, isObject: boolean, out: JsonPiece[]): void {
    const closed = this.#frames.pop();
    if (closed === undefined || closed.isObject !== isObject)
      out.push({ kind: "problem", code: "json_damaged", at: this.#offset + at, path: [] });
    out.push({ kind: "end", path: this.#path() });
    if (this.#frames.length === 0) this.#isOver = true;
  }

  #startKey(byte: number, at: number, out: JsonPiece[]): number {
    if (byte === QUOTE) {
      this.#begin("key", at, []);
      return at + 1;
    }
    out.push({ kind: "problem", code: "json_damaged", at: this.#offset + at, path: this.#path() });
    // Not a key: take it for a value without one, so that the scan goes on behind it.
    const frame = this.#frames.at(-1);
    if (frame !== undefined) {
      frame.key = "";
      frame.isKeyNext = false;
    }
    return this.#startValue(byte, at);
  }

  #startValue(byte: number, at: number): number {
    const path = this.#path();
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (this.#frames.length < this.#options.depthMax && this.#options.descend(path)) {
        this.#frames.push({ isObject: byte === OPEN_OBJECT, key: "", index: 0, isKeyNext: true });
        return at + 1;
      }
      this.#begin("container", at, path);
      this.#depth = 1;
      return at + 1;
    }
    this.#begin(byte === QUOTE ? "string" : "other", at, path);
    return at + 1;
  }

  #begin(kind: Cut["kind"], at: number, path: JsonPath): void {
    this.#cut = { kind, start: this.#offset + at, path };
    this.#depth = 0;
    this.#isInString = kind === "key" || kind === "string";
    this.#isEscaped = false;
    this.#isTooDeep = false;
    this.#isTooLong = false;
  }

  /** Goes on to the end of the value or of the bytes. */
  #inside(bytes: Uint8Array, at: number, out: JsonPiece[]): number {
    const cut = this.#cut;
    if (cut === undefined) return at;
    const from = Math.max(0, cut.start - this.#offset);
    const end = cut.kind === "other" ? this.#endOfOther(bytes, at) : this.#endOfNested(bytes, at);
    if (end < 0) {
      this.#keep(bytes.subarray(from));
      return bytes.length;
    }
    this.#end(bytes.subarray(from, end), out);
    return end;
  }

  #endOfOther(bytes: Uint8Array, at: number): number {
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)) return i;
    }
    return -1;
  }

  /** Behind the last byte of a string or container, or -1 if it goes on in the next bytes. */
  #endOfNested(bytes: Uint8Array, start: number): number {
    let depth = this.#depth;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    const length = bytes.length;
    for (let i = start; i < length; i++) {
      const byte = bytes[i] ?? 0;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          isInString = false;
          if (depth === 0) return i + 1;
        }
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        if (depth > this.#options.depthMax) this.#isTooDeep = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        depth -= 1;
        if (depth === 0) return i + 1;
      }
    }
    this.#depth = depth;
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    return -1;
  }

  #keep(part: Uint8Array): void {
    const max = this.#cut?.kind === "key" ? KEY_BYTES_MAX : this.#options.pieceBytesMax;
    this.#partBytes += part.length;
    if (this.#partBytes > max) {
      this.#isTooLong = true;
      this.#parts = [];
      return;
    }
    if (part.length > 0) this.#parts.push(part);
  }

  #end(last: Uint8Array, out: JsonPiece[]): void {
    const cut = this.#cut;
    if (cut === undefined) return;
    this.#keep(last);
    const bytes = this.#parts.length === 1 ? (this.#parts[0] ?? last) : joined(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    this.#cut = undefined;
    if (cut.kind === "key") this.#takeKey(bytes);
    else if (this.#isTooLong) out.push({ kind: "problem", code: "record_too_long", at: cut.start, path: cut.path });
    else if (this.#isTooDeep) out.push({ kind: "problem", code: "json_too_deep", at: cut.start, path: cut.path });
    else out.push({ kind: "value", path: cut.path, bytes, at: cut.start });
    if (this.#frames.length === 0) this.#isOver = true;
  }

  #takeKey(bytes: Uint8Array): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    frame.isKeyNext = false;
    frame.key = "";
    // Keys that importers ask for are ASCII; others only have to differ from them.
    for (const byte of bytes.subarray(1, -1)) frame.key += String.fromCharCode(byte);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
