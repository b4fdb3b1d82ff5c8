/** Lines of a text file of any size, as bytes without their end: LF, CRLF. A line over the limit is named and not held. */
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { ExportFile } from "./export-file.ts";

export type Line =
  { readonly kind: "line"; readonly bytes: Uint8Array; readonly at: number } | { readonly kind: "too_long"; readonly at: number };

const LF = 0x0a;
const CR = 0x0d;

export async function* linesOf(file: ExportFile, bytesMax: number = ARCHIVE_LIMITS.lineBytesMax): AsyncGenerator<Line> {
  let [parts, length, start, offset, isTooLong]: [Uint8Array[], number, number, number, boolean] = [[], 0, 0, 0, false];
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > bytesMax) {
      isTooLong = true;
      parts = [];
    } else if (part.length > 0) parts.push(part);
  };
  const take = (): Line => {
    const line: Line = isTooLong ? { kind: "too_long", at: start } : { kind: "line", bytes: trimmed(parts, length), at: start };
    [parts, length, isTooLong] = [[], 0, false];
    return line;
  };
  for await (const chunk of file.open()) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
      start = offset + from;
    }
    keep(chunk.subarray(from));
    offset += chunk.length;
  }
  if (length > 0) yield take();
}

function trimmed(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  const whole = parts.length === 1 && first !== undefined ? first : new Uint8Array(length);
  if (parts.length > 1) {
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
  }
  return whole.at(-1) === CR ? whole.subarray(0, -1) : whole;
}
