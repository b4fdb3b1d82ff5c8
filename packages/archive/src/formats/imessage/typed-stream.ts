/**
 * The text of an NSAttributedString in Apple's typedstream, which is all that a message has on recent systems:
 *
 *   04 0B "streamtyped" …  "NSString" or "NSMutableString" …  01 2B  length  text in UTF-8  …
 *   length   00-7F itself; 81 u16; 82 u32; little-endian
 */
import type { ArchivePorts } from "../../ports.ts";

const CLASS = "NSString";
const MUTABLE = "NSMutableString";
const HEAD_BYTES = 512;

export function typedStreamText(bytes: Uint8Array, { decodeUtf8 }: Pick<ArchivePorts, "decodeUtf8">): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  if (head.indexOf("streamtyped") !== 2) return undefined;
  const mutable = head.indexOf(MUTABLE);
  const found = mutable < 0 ? head.indexOf(CLASS) : mutable;
  const start = found < 0 ? -1 : head.indexOf("\u0001+", found);
  if (start < 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mark = bytes[start + 2] ?? 0xff;
  const width = mark === 0x81 ? 2 : mark === 0x82 ? 4 : 0;
  const at = start + 3 + width;
  if ((mark > 0x7f && width === 0) || at > bytes.length) return undefined;
  const length = width === 0 ? mark : width === 2 ? view.getUint16(start + 3, true) : view.getUint32(start + 3, true);
  return at + length > bytes.length ? undefined : decodeUtf8(bytes.subarray(at, at + length));
}
