/** What the beginning of a file tells: where a picture was taken. */
import type { ExposureFinding } from "@sotto/protocol";
import { placeFinding } from "../places.ts";
import { readExif } from "./exif.ts";

/** Bytes from the start of a file that are enough: Exif stands before the picture. */
export const EXPOSURE_HEAD_BYTES = 1024 * 1024;

export function findInFile(head: Uint8Array): ExposureFinding[] {
  const place = readExif(head)?.place;
  return place === undefined ? [] : [placeFinding("photo-place", place)];
}
