/**
 * Padding of content to size classes (spec/content.md §Padding): content ‖ 0x80 ‖ 0x00 …, as long as the smallest class with room for content
 * and marker. Classes grow by half or less above 512 bytes, so that padding costs at most a third of what is sent, and few sizes exist.
 */
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";

const MARKER = 0x80;

export const SIZE_CLASSES = [
  256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384, 24_576, 32_768, 49_152, 65_536,
] as const;

function classFor(length: number): number | undefined {
  return SIZE_CLASSES.find((size) => size > length);
}

export function padContent(content: Uint8Array): Outcome<Uint8Array> {
  const size = classFor(content.length);
  if (size === undefined || content.length > LIMITS.contentBytesMax) return failure("content_too_large");
  const padded = new Uint8Array(size);
  padded.set(content);
  padded[content.length] = MARKER;
  return success(padded);
}

/** The content, if the padding is the one that {@link padContent} gives. */
export function unpadContent(padded: Uint8Array): Outcome<Uint8Array> {
  let end = padded.length - 1;
  while (end > 0 && padded[end] === 0) end -= 1;
  const isCanonical = padded[end] === MARKER && classFor(end) === padded.length;
  return isCanonical ? success(padded.subarray(0, end)) : failure("content_padding");
}
