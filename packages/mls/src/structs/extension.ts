/**
 * Extension (RFC 9420 §13): struct { ExtensionType extension_type; opaque extension_data<V>; } Extension;
 * A list holds at most one extension of each type (§13.4: duplicates are malformed).
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";

/** RFC 9420 §17.3 and draft-ietf-mls-extensions. */
export const EXTENSION = {
  applicationId: 0x0001,
  ratchetTree: 0x0002,
  requiredCapabilities: 0x0003,
  externalPub: 0x0004,
  externalSenders: 0x0005,
  appDataDictionary: 0x0006,
} as const;

export type Extension = { readonly type: number; readonly data: Uint8Array };

/** Types that every client supports and that Capabilities do not list (§7.2). */
export function isDefaultExtension(type: number): boolean {
  return type >= EXTENSION.applicationId && type <= EXTENSION.externalSenders;
}

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): void {
  writer.vector(extensions, (w, extension) => w.u16(extension.type).opaque(extension.data));
}

export function readExtensions(reader: Reader): Extension[] {
  const extensions = reader.vector((r) => ({ type: r.u16(), data: r.opaque() }), LIMITS.extensionsMax);
  if (new Set(extensions.map((extension) => extension.type)).size !== extensions.length) throw new Reject("decode_invalid");
  return extensions;
}

export function findExtension(extensions: readonly Extension[], type: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.type === type)?.data;
}
