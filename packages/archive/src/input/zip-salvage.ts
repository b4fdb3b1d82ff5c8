/**
 * A ZIP whose directory is gone, as after a download that broke off: the directory is at its end. Entries are found by their local headers, from the start
 * forward, and a directory is made for them, so that everything else reads and checks the ZIP like any other (APPNOTE 4.3.7 to 4.3.16).
 *
 *   local header   "PK\3\4" … flags u16 at 6, method u16 at 8, CRC u32 at 14, packed u32 at 18, size u32 at 22, name and extra lengths u16 at 26 and 28
 *   descriptor     "PK\7\8" CRC u32, packed, size; u32 or u64. Behind the data of an entry that was written before its size was known (flag 3).
 *
 * The last entry may be cut: what there is of it is given, and reading it ends in `zip_damaged`.
 */
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { Source } from "../ports.ts";

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const HEADER_BYTES = 30;
const PIECE_BYTES = 1024 * 1024;
const HAS_DESCRIPTOR = 8;
const FULL = 0xffff_ffff;
const ZIP64 = 1;

type Entry = {
  readonly at: number;
  readonly dataAt: number;
  readonly flags: number;
  readonly method: number;
  readonly name: Uint8Array;
  readonly crc: number;
  /** Bytes of data in the file; undefined if they are told behind the data. */
  readonly packed: number | undefined;
  readonly bytes: number;
};
type Whole = Entry & { readonly packed: number; readonly end: number };

export type Salvaged = {
  readonly source: Source;
  /** Where the last whole entry ends, and the one that is cut begins. */
  readonly end: number;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Sizes that do not fit into the header: size, packed; u64. */
function zip64Sizes(extra: Uint8Array): { readonly bytes: number; readonly packed: number } | undefined {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64 || at + 20 > extra.length) continue;
    return { bytes: Number(view.getBigUint64(at + 4, true)), packed: Number(view.getBigUint64(at + 12, true)) };
  }
  return undefined;
}

async function entryAt(source: Source, at: number): Promise<Entry | undefined> {
  const header = await source.read(at, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return undefined;
  const view = viewOf(header);
  if (view.getUint32(0, true) !== LOCAL) return undefined;
  const [nameBytes, extraBytes] = [view.getUint16(26, true), view.getUint16(28, true)];
  const rest = await source.read(at + HEADER_BYTES, nameBytes + extraBytes);
  if (rest.length < nameBytes + extraBytes) return undefined;
  const [flags, packed, bytes] = [view.getUint16(6, true), view.getUint32(18, true), view.getUint32(22, true)];
  const large = packed === FULL || bytes === FULL ? zip64Sizes(rest.subarray(nameBytes)) : undefined;
  const isTold = (flags & HAS_DESCRIPTOR) === 0 || packed > 0;
  return {
    at,
    dataAt: at + HEADER_BYTES + nameBytes + extraBytes,
    flags,
    method: view.getUint16(8, true),
    name: rest.slice(0, nameBytes),
    crc: view.getUint32(14, true),
    packed: isTold ? (large?.packed ?? packed) : undefined,
    bytes: large?.bytes ?? bytes,
  };
}

/** The descriptor whose length of data is that of the bytes before it. */
async function withDescriptor(source: Source, entry: Entry): Promise<Whole | undefined> {
  const overlap = 24;
  for (let from = entry.dataAt; from < source.bytes; from += PIECE_BYTES) {
    const piece = await source.read(from, PIECE_BYTES + overlap);
    const view = viewOf(piece);
    for (let i = piece.indexOf(0x50); i >= 0 && i < PIECE_BYTES && i + 16 <= piece.length; i = piece.indexOf(0x50, i + 1)) {
      if (view.getUint32(i, true) !== DESCRIPTOR) continue;
      const [crc, packed] = [view.getUint32(i + 4, true), from + i - entry.dataAt];
      if (i + 24 <= piece.length && view.getBigUint64(i + 8, true) === BigInt(packed)) {
        return { ...entry, crc, packed, bytes: Number(view.getBigUint64(i + 16, true)), end: from + i + 24 };
      }
      if (view.getUint32(i + 8, true) === packed) return { ...entry, crc, packed, bytes: view.getUint32(i + 12, true), end: from + i + 16 };
    }
  }
  return undefined;
}

async function wholeEntry(source: Source, entry: Entry): Promise<Whole | undefined> {
  if (entry.packed === undefined) return withDescriptor(source, entry);
  const dataEnd = entry.dataAt + entry.packed;
  if (!Number.isSafeInteger(dataEnd) || dataEnd > source.bytes) return undefined;
  const behind = viewOf(await source.read(dataEnd, 4));
  const hasDescriptor = behind.byteLength === 4 && behind.getUint32(0, true) === DESCRIPTOR;
  return { ...entry, packed: entry.packed, end: dataEnd + (hasDescriptor ? 16 : 0) };
}

/** Undefined if there is no entry at the start. */
export async function salvageZip(source: Source): Promise<Salvaged | undefined> {
  const entries: Whole[] = [];
  let at = 0;
  while (entries.length < ARCHIVE_LIMITS.zipSalvagedMax) {
    const entry = await entryAt(source, at);
    if (entry === undefined) break;
    const whole = await wholeEntry(source, entry);
    if (whole === undefined) {
      const packed = source.bytes - entry.dataAt;
      // Only said, and not known, where the size stands behind the data.
      const bytes = entry.bytes > 0 ? entry.bytes : packed * ARCHIVE_LIMITS.zipRatioMax;
      if (packed > 0) entries.push({ ...entry, packed, bytes, end: source.bytes });
      break;
    }
    entries.push(whole);
    at = whole.end;
  }
  return entries.length === 0 ? undefined : { source: withDirectory(source, entries), end: at };
}

const DIRECTORY_BYTES = 46;
const EXTRA_BYTES = 28;
const END_BYTES = 56 + 20 + 22;

/** The source with a directory behind it, all of it in the form of ZIP64. */
function withDirectory(source: Source, entries: readonly Whole[]): Source {
  const length = entries.reduce((sum, { name }) => sum + DIRECTORY_BYTES + name.length + EXTRA_BYTES, 0);
  const tail = new Uint8Array(length + END_BYTES);
  const view = viewOf(tail);
  let at = 0;
  for (const entry of entries) at = writeEntry({ tail, view, at }, entry);
  writeEnd(view, { at, start: source.bytes, count: entries.length });
  const read = async (offset: number, wanted: number): Promise<Uint8Array> => {
    if (offset + wanted <= source.bytes) return source.read(offset, wanted);
    const head = offset < source.bytes ? await source.read(offset, source.bytes - offset) : new Uint8Array();
    const from = Math.max(0, offset - source.bytes);
    const rest = tail.subarray(from, Math.max(from, offset + wanted - source.bytes));
    const both = new Uint8Array(head.length + rest.length);
    both.set(head);
    both.set(rest, head.length);
    return both;
  };
  return { path: source.path, bytes: source.bytes + tail.length, read };
}

type Writing = { readonly tail: Uint8Array; readonly view: DataView; readonly at: number };

function writeEntry({ tail, view, at }: Writing, { flags, method, crc, name, bytes, packed, at: headerAt }: Whole): number {
  view.setUint32(at, 0x02014b50, true);
  view.setUint16(at + 4, 45, true);
  view.setUint16(at + 6, 45, true);
  view.setUint16(at + 8, flags, true);
  view.setUint16(at + 10, method, true);
  view.setUint32(at + 16, crc, true);
  view.setUint32(at + 20, FULL, true);
  view.setUint32(at + 24, FULL, true);
  view.setUint16(at + 28, name.length, true);
  view.setUint16(at + 30, EXTRA_BYTES, true);
  view.setUint32(at + 42, FULL, true);
  tail.set(name, at + DIRECTORY_BYTES);
  const extra = at + DIRECTORY_BYTES + name.length;
  view.setUint16(extra, ZIP64, true);
  view.setUint16(extra + 2, 24, true);
  view.setBigUint64(extra + 4, BigInt(bytes), true);
  view.setBigUint64(extra + 12, BigInt(packed), true);
  view.setBigUint64(extra + 20, BigInt(headerAt), true);
  return extra + EXTRA_BYTES;
}

function writeEnd(view: DataView, { at, start, count }: { readonly at: number; readonly start: number; readonly count: number }): void {
  view.setUint32(at, 0x06064b50, true);
  view.setBigUint64(at + 4, 44n, true);
  view.setUint16(at + 12, 45, true);
  view.setUint16(at + 14, 45, true);
  view.setBigUint64(at + 24, BigInt(count), true);
  view.setBigUint64(at + 32, BigInt(count), true);
  view.setBigUint64(at + 40, BigInt(at), true);
  view.setBigUint64(at + 48, BigInt(start), true);
  view.setUint32(at + 56, 0x07064b50, true);
  view.setBigUint64(at + 64, BigInt(start + at), true);
  view.setUint32(at + 72, 1, true);
  view.setUint32(at + 76, 0x06054b50, true);
  view.setUint16(at + 84, 0xffff, true);
  view.setUint16(at + 86, 0xffff, true);
  view.setUint32(at + 88, FULL, true);
  view.setUint32(at + 92, FULL, true);
}
