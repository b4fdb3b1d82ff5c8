/**
 * Exif, as much of it as matters here: where a picture was taken, and how it is turned (Exif 2.32 §4.6; TIFF 6.0 §2).
 *
 *   block       "II*\0" or "MM\0*", offset of the first directory (4); offsets count from the start of the block
 *   directory   count(2), then entries: tag(2) type(2) count(4) value or its offset(4)
 *   tags        0112 orientation; 8825 offset of the GPS directory, in it 1 N or S, 2 latitude, 3 E or W, 4 longitude: three fractions each
 */
import { isPlace } from "../places.ts";
import { imageKindOf, imageParts, textAt } from "./containers.ts";

type ExifPlace = { readonly latitude: number; readonly longitude: number };
type Exif = { readonly place: ExifPlace | undefined; readonly orientation: number };

const ENTRIES_MAX = 1_000;
const ORIENTATION = 0x0112;
const GPS = 0x8825;
const FRACTION_BYTES = 8;
const ENTRY_BYTES = 12;

type Block = { readonly view: DataView; readonly isLittle: boolean };

function blockAt(bytes: Uint8Array, at: number): Block | undefined {
  const isLittle = textAt(bytes, at, "II*\0");
  if (!isLittle && !textAt(bytes, at, "MM\0*")) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
  return view.byteLength < 8 ? undefined : { view, isLittle };
}

const has = ({ view }: Block, at: number, length: number): boolean => at >= 0 && at + length <= view.byteLength;

/** Where the value field of each tag is. */
function entriesAt(block: Block, offset: number): ReadonlyMap<number, number> {
  const { view, isLittle } = block;
  const found = new Map<number, number>();
  if (!has(block, offset, 2)) return found;
  const count = Math.min(ENTRIES_MAX, view.getUint16(offset, isLittle));
  for (let index = 0; index < count; index++) {
    const at = offset + 2 + index * ENTRY_BYTES;
    if (!has(block, at, ENTRY_BYTES)) break;
    found.set(view.getUint16(at, isLittle), at + 8);
  }
  return found;
}

/** Degrees, minutes and seconds. */
function degreesAt(block: Block, valueAt: number | undefined): number | undefined {
  const { view, isLittle } = block;
  if (valueAt === undefined) return undefined;
  const offset = view.getUint32(valueAt, isLittle);
  if (!has(block, offset, 3 * FRACTION_BYTES)) return undefined;
  const [degrees = 0, minutes = 0, seconds = 0] = [0, 1, 2].map((part) => {
    const [over, under] = [offset + part * FRACTION_BYTES, offset + part * FRACTION_BYTES + 4].map((at) => view.getUint32(at, isLittle));
    return under === 0 || under === undefined ? 0 : (over ?? 0) / under;
  });
  return degrees + minutes / 60 + seconds / 3600;
}

function placeIn(block: Block, gpsAt: number | undefined): ExifPlace | undefined {
  const { view, isLittle } = block;
  if (gpsAt === undefined) return undefined;
  const tags = entriesAt(block, view.getUint32(gpsAt, isLittle));
  const [north, east] = [degreesAt(block, tags.get(2)), degreesAt(block, tags.get(4))];
  const isBehind = (tag: number, letter: string): boolean => view.getUint8(tags.get(tag) ?? 0) === letter.charCodeAt(0);
  if (north === undefined || east === undefined) return undefined;
  const [latitude, longitude] = [isBehind(1, "S") ? -north : north, isBehind(3, "W") ? -east : east];
  return isPlace(latitude, longitude) ? { latitude, longitude } : undefined;
}

function exifIn(block: Block): Exif {
  const { view, isLittle } = block;
  const tags = entriesAt(block, view.getUint32(4, isLittle));
  const orientationAt = tags.get(ORIENTATION);
  const orientation = orientationAt === undefined ? 1 : view.getUint16(orientationAt, isLittle);
  return { place: placeIn(block, tags.get(GPS)), orientation: orientation >= 1 && orientation <= 8 ? orientation : 1 };
}

const MARK = "Exif\0\0";

/** Of files that are boxes in boxes (HEIC, AVIF) the block is looked for by its mark. */
function marked(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0x45); at >= 0; at = bytes.indexOf(0x45, at + 1)) {
    if (textAt(bytes, at, MARK) && blockAt(bytes, at + MARK.length) !== undefined) return at + MARK.length;
  }
  return undefined;
}

function blocksIn(bytes: Uint8Array): number[] {
  const kind = imageKindOf(bytes);
  if (kind === undefined) {
    const isBoxed = textAt(bytes, 4, "ftyp");
    const at = isBoxed ? marked(bytes) : undefined;
    return at === undefined ? [0] : [at];
  }
  const starts: number[] = [];
  for (const { type, dataAt } of imageParts(bytes, kind)) {
    if (type === "FFE1" && textAt(bytes, dataAt, MARK)) starts.push(dataAt + MARK.length);
    if (type === "eXIf" || type === "EXIF") starts.push(dataAt + (textAt(bytes, dataAt, MARK) ? MARK.length : 0));
    if (type === "FFDA" || type === "IDAT") break;
  }
  return starts;
}

/** From the beginning of a file. Undefined if there is no Exif in it. Never throws. */
export function readExif(head: Uint8Array): Exif | undefined {
  const found = blocksIn(head).flatMap((at) => {
    const block = blockAt(head, at);
    return block === undefined ? [] : [exifIn(block)];
  });
  return found.find(({ place }) => place !== undefined) ?? found[0];
}
