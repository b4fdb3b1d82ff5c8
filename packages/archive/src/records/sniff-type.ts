/** The media type by the first bytes, for the types that messengers use: names and fields of exports are often wrong. */
const SIGNATURES: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ["image/jpeg", 0, "\xFF\xD8\xFF"],
  ["image/png", 0, "\x89PNG\r\n\x1A\n"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["image/heic", 4, "ftypheic"],
  ["image/heic", 4, "ftypmif1"],
  ["image/avif", 4, "ftypavif"],
  ["audio/mp4", 4, "ftypM4A"],
  ["video/quicktime", 4, "ftypqt"],
  ["video/mp4", 4, "ftyp"],
  ["video/webm", 0, "\x1A\x45\xDF\xA3"],
  ["audio/ogg", 0, "OggS"],
  ["audio/mpeg", 0, "ID3"],
  ["audio/aac", 0, "\xFF\xF1"],
  ["audio/aac", 0, "\xFF\xF9"],
  ["audio/amr", 0, "#!AMR"],
  ["audio/wav", 8, "WAVE"],
  ["application/pdf", 0, "%PDF-"],
  ["application/zip", 0, "PK\x03\x04"],
];

const SNIFF_BYTES = 16;

export function sniffType(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_BYTES));
  return SIGNATURES.find(([, at, bytes]) => text.startsWith(bytes, at))?.[0];
}
