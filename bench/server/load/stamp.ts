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

/** Finds stamps in a stream of bytes, also those that are cut between two chunks. */
export class StampReader {
  readonly #onStamp: (stamp: number) => void;
  #rest = Buffer.alloc(0);

  constructor(onStamp: (stamp: number) => void) {
    this.#onStamp = onStamp;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (;;) {
      const at = bytes.indexOf(MARK, from, "latin1");
      if (at < 0 || at + STAMP_BYTES > bytes.length) {
        this.#rest = Buffer.from(at < 0 ? bytes.subarray(Math.max(from, bytes.length - MARK.length + 1)) : bytes.subarray(at));
        return;
      }
      from = at + STAMP_BYTES;
      this.#onStamp(Number.parseInt(bytes.toString("latin1", at + MARK.length, from), 16));
    }
  }
}
