/** Records of a CSV file of any size (RFC 4180): fields in quotes may hold commas, line breaks and doubled quotes. */
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { ExportFile } from "./export-file.ts";
import { linesOf } from "./lines.ts";

export type CsvRecord =
  | { readonly kind: "record"; readonly fields: readonly string[]; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: "problem"; readonly code: "record_too_long" | "line_too_long" | "encoding_unknown"; readonly at: number };

const QUOTE = 0x22;

/** A record goes on while its quotes are odd in number. */
export async function* csvRecords(file: ExportFile, decode: (bytes: Uint8Array) => string | undefined): AsyncGenerator<CsvRecord> {
  let [parts, length, start, quotes]: [Uint8Array[], number, number, number] = [[], 0, 0, 0];
  const take = (): CsvRecord => {
    const bytes = joined(parts, length);
    const [at, isTooLong] = [start, length > ARCHIVE_LIMITS.recordBytesMax];
    [parts, length, quotes] = [[], 0, 0];
    const text = isTooLong ? undefined : decode(bytes);
    if (text === undefined) return { kind: "problem", code: isTooLong ? "record_too_long" : "encoding_unknown", at };
    return { kind: "record", fields: fieldsOf(text), bytes, at };
  };
  for await (const line of linesOf(file, ARCHIVE_LIMITS.recordBytesMax)) {
    if (line.kind === "too_long") {
      yield { kind: "problem", code: "line_too_long", at: line.at };
      [parts, length, quotes] = [[], 0, 0];
      continue;
    }
    if (parts.length === 0) start = line.at;
    parts.push(line.bytes);
    length += line.bytes.length + 1;
    for (const byte of line.bytes) if (byte === QUOTE) quotes += 1;
    if (quotes % 2 === 0 || length > ARCHIVE_LIMITS.recordBytesMax) yield take();
  }
  if (parts.length > 0) yield take();
}

function joined(lines: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length === 0 ? 0 : length - 1);
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
    if (at < whole.length) whole[at++] = 0x0a;
  }
  return whole;
}

function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const isQuoted = text.charAt(at) === '"';
    const quoteEnd = isQuoted ? endOfQuoted(text, at + 1) : at;
    const comma = text.indexOf(",", quoteEnd);
    const end = comma < 0 ? text.length : comma;
    fields.push(isQuoted ? text.slice(at + 1, quoteEnd).replaceAll('""', '"') : text.slice(at, end));
    at = end;
  }
  return fields;
}

/** Where the closing quote stands, or the end. */
function endOfQuoted(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at >= 0; at = text.indexOf('"', at + 2)) if (text.charAt(at + 1) !== '"') return at;
  return text.length;
}
