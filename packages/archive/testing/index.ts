/** Synthetic exports from a seed, for tests and measurements. */
export * from "./generators.ts";
export { appleNanoseconds, IMESSAGE_SCHEMA, typedStream } from "./imessage.ts";
export * from "./instagram.ts";
export * from "./invented.ts";
export * from "./talk.ts";
export { telegramPieces } from "./telegram.ts";
export * from "./zip-file.ts";
export { withCheckDigit } from "./check-digits.ts";
export { exifBlock, jpegWithPlace } from "./exif-image.ts";
