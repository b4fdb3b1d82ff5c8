/**
 * An image without what was written beside it: Exif, XMP and IPTC go as a whole, since a place stands in several of them; what lies behind the end
 * of a JPEG goes too (a second picture, a video). The picture itself stays as it is, bit for bit, and keeps how it is turned.
 */
import { type ImageKind, type ImagePart, imageKindOf, imageParts, textAt } from "./containers.ts";
import { readExif } from "./exif.ts";

const XMP = "http://ns.adobe.com/xap/1.0/\0";
const XMP_MORE = "http://ns.adobe.com/xmp/extension/\0";
const WEBP_FLAGS_AT = 8;
const WEBP_EXIF_AND_XMP = 0x0c;

/** An Exif segment that tells how the picture is turned, and nothing else. */
const turned = (orientation: number): Uint8Array =>
  Uint8Array.of(
    0xff,
    0xe1,
    0,
    34,
    0x45,
    0x78,
    0x69,
    0x66,
    0,
    0,
    0x4d,
    0x4d,
    0,
    0x2a,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  );

function isMetadata(bytes: Uint8Array, kind: ImageKind, { type, dataAt }: ImagePart): boolean {
  if (kind === "png") return type === "eXIf" || type === "tEXt" || type === "zTXt" || type === "iTXt";
  if (kind === "webp") return type === "EXIF" || type === "XMP ";
  if (type === "FFED") return true;
  return type === "FFE1" && ["Exif\0", XMP, XMP_MORE].some((mark) => textAt(bytes, dataAt, mark));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function withSizes(kind: ImageKind, bytes: Uint8Array): Uint8Array {
  if (kind !== "webp") return bytes;
  new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true);
  const extended = [...imageParts(bytes, kind)].find(({ type }) => type === "VP8X");
  if (extended !== undefined) {
    const at = extended.start + WEBP_FLAGS_AT;
    bytes[at] = (bytes[at] ?? 0) & ~WEBP_EXIF_AND_XMP;
  }
  return bytes;
}

/** Whether the file was read up to its end: of what is damaged nothing may be lost. */
function isWhole(bytes: Uint8Array, kind: ImageKind, parts: readonly ImagePart[]): boolean {
  const last = parts.at(-1);
  if (kind === "jpeg") return last?.type === "FFDA" && bytes[last.end] === 0xff && bytes[last.end + 1] === 0xd9;
  return kind === "png" ? last?.type === "IEND" : last?.end === bytes.length;
}

/** Undefined for kinds of files that it does not know, for damaged ones, and if a place would stay in it. */
export function stripLocation(bytes: Uint8Array): Uint8Array | undefined {
  const kind = imageKindOf(bytes);
  if (kind === undefined) return undefined;
  const headBytes = { jpeg: 2, png: 8, webp: 12 }[kind];
  const pieces: Uint8Array[] = [bytes.slice(0, headBytes)];
  const orientation = readExif(bytes)?.orientation ?? 1;
  if (kind === "jpeg" && orientation !== 1) pieces.push(turned(orientation));
  const parts = [...imageParts(bytes, kind)];
  if (!isWhole(bytes, kind, parts)) return undefined;
  for (const part of parts) if (!isMetadata(bytes, kind, part)) pieces.push(bytes.subarray(part.start, part.end));
  if (kind === "jpeg") pieces.push(Uint8Array.of(0xff, 0xd9));
  const stripped = withSizes(kind, joined(pieces));
  return readExif(stripped)?.place === undefined ? stripped : undefined;
}
