/**
 * KeyPackage (RFC 9420 §10)
 *
 *   ProtocolVersion version; CipherSuite cipher_suite; HPKEPublicKey init_key; LeafNode leaf_node;
 *   Extension extensions<V>; opaque signature<V>      over KeyPackageTBS: the fields before it
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts";

export type KeyPackageContent = {
  readonly version: number;
  readonly suiteId: number;
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNode;
  readonly extensions: readonly Extension[];
};

export type KeyPackage = KeyPackageContent & { readonly signature: Uint8Array };

function writeContent(writer: Writer, keyPackage: KeyPackageContent): void {
  writer.u16(keyPackage.version).u16(keyPackage.suiteId).opaque(keyPackage.initKey);
  writeLeafNode(writer, keyPackage.leafNode);
  writeExtensions(writer, keyPackage.extensions);
}

export function writeKeyPackage(writer: Writer, keyPackage: KeyPackage): void {
  writeContent(writer, keyPackage);
  writer.opaque(keyPackage.signature);
}

export function keyPackageTbs(keyPackage: KeyPackageContent): Uint8Array {
  const writer = new Writer(2048);
  writeContent(writer, keyPackage);
  return writer.finish();
}

export function readKeyPackage(reader: Reader): KeyPackage {
  return {
    version: reader.u16(),
    suiteId: reader.u16(),
    initKey: reader.opaque(0xffff),
    leafNode: readLeafNode(reader),
    extensions: readExtensions(reader),
    signature: reader.opaque(0xffff),
  };
}
