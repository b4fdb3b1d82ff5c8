/**
 * The parts of image files that hold metadata. Lengths come from the file, so each is checked against what is there; a file that ends early gives the
 * parts before its end.
 *
 *   JPEG   FF D8, then FF marker length(2, with itself) …; after FF DA (start of scan) data up to the next marker but FF 00 and FF D0–D7; FF D9 ends
 *   PNG    89 "PNG" 0D 0A 1A 0A, then length(4) type(4) data CRC(4)
 *   WebP   "RIFF" length(4, little-endian) "WEBP", then type(4) length(4, little-endian) data, even
 */
export type ImagePart = {
  /** The marker as "FFE1", or the type of the chunk. */
  readonly type: string;
  /** All of it, with marker or header. */
  readonly start: number;
  readonly end: number;
  /** Where its own data begins. */
  readonly dataAt: number;
};

export type ImageKind = "jpeg" | "png" | "webp";

const PARTS_MAX = 100_000;

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};
export const textAt = startsWith;

export function imageKindOf(bytes: Uint8Array): ImageKind | undefined {
  if (startsWith(bytes, 0, "\u00FF\u00D8\u00FF")) return "jpeg";
  if (startsWith(bytes, 0, "\u0089PNG\r\n\u001A\n")) return "png";
  return startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP") ? "webp" : undefined;
}

/** Where the data of a scan ends: at the next marker that is none inside it. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function* jpegParts(bytes: Uint8Array): Generator<ImagePart> {
  for (let at = 2, count = 0; at + 4 <= bytes.length && count < PARTS_MAX; count++) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0xd9) return;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const header = at + 2 + Math.max(2, length);
    const end = Math.min(bytes.length, marker === 0xda ? scanEnd(bytes, header) : header);
    yield { type: `FF${marker.toString(16).toUpperCase().padStart(2, "0")}`, start: at, end, dataAt: at + 4 };
    at = end;
  }
}

function* chunks(bytes: Uint8Array, kind: "png" | "webp"): Generator<ImagePart> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = kind === "png";
  for (let at = isPng ? 8 : 12, count = 0; at + 8 <= bytes.length && count < PARTS_MAX; count++) {
    const length = isPng ? view.getUint32(at) : view.getUint32(at + 4, true);
    const type = String.fromCharCode(...bytes.subarray(isPng ? at + 4 : at, isPng ? at + 8 : at + 4));
    const end = Math.min(bytes.length, at + 8 + length + (isPng ? 4 : length % 2));
    yield { type, start: at, end, dataAt: at + 8 };
    at = end;
  }
}

export function imageParts(bytes: Uint8Array, kind: ImageKind): Generator<ImagePart> {
  return kind === "jpeg" ? jpegParts(bytes) : chunks(bytes, kind);
}
