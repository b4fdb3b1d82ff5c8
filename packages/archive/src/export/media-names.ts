/** Names of exported media: the hash, and an ending by type for those who look at the folder. */
import type { ArchiveMedia } from "@sotto/protocol";
import { base64urlToBytes, bytesToHex } from "@sotto/protocol";

const ENDINGS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/heic": "heic",
  "image/avif": "avif",
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "video/webm": "webm",
  "audio/mp4": "m4a",
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
  "audio/aac": "aac",
  "audio/amr": "amr",
  "audio/wav": "wav",
  "application/pdf": "pdf",
};

/** Undefined for media that are not stored. */
export function mediaPath({ sha256, type }: Pick<ArchiveMedia, "sha256" | "type">): string | undefined {
  const hash = sha256 === undefined ? undefined : base64urlToBytes(sha256);
  if (hash?.length !== 32) return undefined;
  // What is not in the list has no ending: an export must not bring a program under its name.
  const ending = type === undefined ? undefined : ENDINGS[type];
  return `media/${bytesToHex(hash)}${ending === undefined ? "" : `.${ending}`}`;
}
