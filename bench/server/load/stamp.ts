/**
 * The mark in each message by which a load generator knows it again: a word that stands nowhere else and eight hexadecimal digits. It is searched
 * for in the bytes as they come, whatever protocol is around it, so that the generator costs little and the same for all systems.
 */
const MARK = "SottoBenchMark";
const DIGITS = 8;
const STAMP_BYTES = MARK.length + DIGITS;
const BODY_BYTES = 1024;

function stampText(stamp: number): string {
  return MARK + stamp.toString(16).padStart(DIGITS, "0");
}

/** 1 KiB, beginning with a stamp of zeros. */
export const BODY = stampText(0).padEnd(BODY_BYTES, "lorem ipsum dolor sit amet ");

/** Where the digits stand in bytes that hold {@link BODY}. */
export function digitsAt(bytes: Buffer): number {
  return bytes.indexOf(MARK) + MARK.length;
}

export const writeStamp = (bytes: Buffer, at: number, stamp: number): number =>
  bytes.write(stamp.toString(16).padStart(DIGITS, "0"), at, "latin1");

const MARK_BYTES = Buffer.from(MARK, "latin1");
const FIRST_LETTER = MARK.charCodeAt(0);

const digit = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x57);

function stampAt(bytes: Buffer, at: number): number {
  let stamp = 0;
  for (let i = at; i < at + DIGITS; i++) stamp = stamp * 16 + digit(bytes[i] ?? 0);
  return stamp;
}

/** Where a mark may have begun that goes on in the next chunk; the end if nowhere. */
function tailAt(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(FIRST_LETTER, Math.max(from, bytes.length - MARK.length + 1));
  return at < 0 ? bytes.length : at;
}

/** Finds stamps in a stream of bytes, also those that are cut between two chunks. It takes no copy of a chunk that has none of these. */
export class StampReader {
  readonly #onStamp: (stamp: number) => void;
  #rest: Buffer | undefined;

  constructor(onStamp: (stamp: number) => void) {
    this.#onStamp = onStamp;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let from = 0;
    for (;;) {
      const at = bytes.indexOf(MARK_BYTES, from);
      if (at < 0 || at + STAMP_BYTES > bytes.length) {
        const tail = at < 0 ? tailAt(bytes, from) : at;
        if (tail < bytes.length) this.#rest = Buffer.from(bytes.subarray(tail));
        return;
      }
      from = at + STAMP_BYTES;
      this.#onStamp(stampAt(bytes, at + MARK.length));
    }
  }
}
