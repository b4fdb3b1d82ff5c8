/**
 * Checks bytes against deterministic CBOR (RFC 8949 §4.2.1) before anything is built from them.
 *
 * Allowed: integers from -(2^53 - 1) to 2^53 - 1, byte strings, text strings in valid UTF-8, arrays, maps whose keys are integers or texts,
 * false, true, null. Every number and length is in its shortest form and every length is definite. The keys of a map stand in the
 * lexicographic order of their encodings, each once. Refused: tags, floats, undefined and other simple values, larger integers; a text that
 * starts with a byte order mark, since some platforms drop it when decoding.
 */
import { compareBytes } from "../bytes.ts";
import type { ErrorCode } from "../error-codes.ts";
import { isUtf8 } from "../utf8.ts";

export type CborLimits = { readonly bytesMax: number; readonly depthMax: number; readonly itemsMax: number };

type Scan = { readonly bytes: Uint8Array; readonly limits: CborLimits; at: number; items: number };
type Problem = ErrorCode | undefined;

const MAJOR = { uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const;

/** The reason why the bytes are not one canonical value within the limits, or undefined if they are. */
export function scanCbor(bytes: Uint8Array, limits: CborLimits): Problem {
  if (bytes.length > limits.bytesMax) return "cbor_too_large";
  const scan: Scan = { bytes, limits, at: 0, items: 1 };
  return scanItem(scan, 1) ?? (scan.at < bytes.length ? "cbor_trailing" : undefined);
}

function scanItem(scan: Scan, depth: number): Problem {
  const head = scan.bytes[scan.at];
  if (head === undefined) return "cbor_truncated";
  const major = head >>> 5;
  if (major === 7) return scanSimple(scan, head & 31);
  if (major === MAJOR.tag) return "cbor_unsupported";
  const argument = readArgument(scan, head & 31);
  if (typeof argument === "string") return argument;
  switch (major) {
    case MAJOR.bytes:
    case MAJOR.text:
      return scanString(scan, argument, major === MAJOR.text);
    case MAJOR.array:
      return scanArray(scan, argument, depth);
    case MAJOR.map:
      return scanMap(scan, argument, depth);
    default:
      // The least negative integer is -1 - 0, so one value less fits than for positive ones.
      return argument > Number.MAX_SAFE_INTEGER - (major === MAJOR.negative ? 1 : 0) ? "cbor_unsupported" : undefined;
  }
}

function scanSimple(scan: Scan, minor: number): Problem {
  if (minor < 20 || minor > 22) return minor === 31 ? "cbor_indefinite" : "cbor_unsupported";
  scan.at += 1;
  return undefined;
}

/** Reads a head and its argument, and moves behind them. */
function readArgument(scan: Scan, minor: number): number | ErrorCode {
  if (minor < 24) {
    scan.at += 1;
    return minor;
  }
  if (minor === 31) return "cbor_indefinite";
  if (minor > 27) return "cbor_unsupported";
  const size = 1 << (minor - 24);
  if (scan.at + 1 + size > scan.bytes.length) return "cbor_truncated";
  let value = 0;
  for (let i = 1; i <= size; i++) value = value * 256 + (scan.bytes[scan.at + i] ?? 0);
  const smallest = size === 1 ? 24 : 256 ** (size / 2);
  if (value < smallest) return "cbor_not_shortest";
  if (value > Number.MAX_SAFE_INTEGER) return "cbor_unsupported";
  scan.at += 1 + size;
  return value;
}

function scanString(scan: Scan, length: number, isText: boolean): Problem {
  const end = scan.at + length;
  if (end > scan.bytes.length) return "cbor_truncated";
  if (isText) {
    const { bytes, at } = scan;
    const marked = length >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
    if (marked || !isUtf8(bytes, at, end)) return "cbor_text";
  }
  scan.at = end;
  return undefined;
}

/** Counts before anything is read, so that a small input cannot announce a large structure. */
function enter(scan: Scan, items: number, depth: number): Problem {
  if (depth > scan.limits.depthMax) return "cbor_too_deep";
  if (items > scan.bytes.length - scan.at) return "cbor_truncated";
  scan.items += items;
  return scan.items > scan.limits.itemsMax ? "cbor_too_many" : undefined;
}

function scanArray(scan: Scan, length: number, depth: number): Problem {
  let problem = enter(scan, length, depth);
  for (let i = 0; i < length && problem === undefined; i++) problem = scanItem(scan, depth + 1);
  return problem;
}

function scanMap(scan: Scan, length: number, depth: number): Problem {
  let problem = enter(scan, length * 2, depth);
  let previous: Uint8Array | undefined;
  for (let i = 0; i < length && problem === undefined; i++) {
    const start = scan.at;
    const major = (scan.bytes[start] ?? 0xff) >>> 5;
    if (scan.at < scan.bytes.length && major !== MAJOR.uint && major !== MAJOR.negative && major !== MAJOR.text) return "cbor_unsupported";
    problem = scanItem(scan, depth + 1);
    if (problem !== undefined) return problem;
    const key = scan.bytes.subarray(start, scan.at);
    const order = previous === undefined ? -1 : compareBytes(previous, key);
    if (order >= 0) return order === 0 ? "cbor_map_duplicate" : "cbor_map_order";
    previous = key;
    problem = scanItem(scan, depth + 1);
  }
  return problem;
}
