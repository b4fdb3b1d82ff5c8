/**
 * The external_pub extension of a GroupInfo (RFC 9420 §12.4.3.2)
 *
 *   struct { HPKEPublicKey external_pub; } ExternalPub;
 *
 * HPKEPublicKey is opaque<V>, so the extension data has an inner length.
 */
import { readWhole } from "../codec/reader.ts";
import { encode, type Writer } from "../codec/writer.ts";
import { type Extension, EXTENSION, findExtension } from "./extension.ts";

export function externalPubExtension(publicKey: Uint8Array): Extension {
  return { type: EXTENSION.externalPub, data: encode((w: Writer, key: Uint8Array) => w.opaque(key), publicKey) };
}

export function externalPub(extensions: readonly Extension[]): Uint8Array | undefined {
  const data = findExtension(extensions, EXTENSION.externalPub);
  return data === undefined ? undefined : readWhole((r) => r.opaque(0xffff), data);
}
