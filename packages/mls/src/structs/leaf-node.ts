/**
 * LeafNode (RFC 9420 §7.2)
 *
 *   HPKEPublicKey encryption_key; SignaturePublicKey signature_key; Credential credential; Capabilities capabilities;
 *   LeafNodeSource leaf_node_source;           key_package(1) | update(2) | commit(3)
 *   select: key_package: Lifetime { uint64 not_before, not_after }; commit: opaque parent_hash<V>;
 *   Extension extensions<V>; opaque signature<V>      over LeafNodeTBS: the fields above and, for update and commit,
 *                                                     opaque group_id<V>; uint32 leaf_index
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { Reject } from "../outcome.ts";
import { type Capabilities, readCapabilities, writeCapabilities } from "./capabilities.ts";
import { type Credential, readCredential, writeCredential } from "./credential.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";

/** Seconds since 1970-01-01 UTC, both ends included. */
export type Lifetime = { readonly notBefore: bigint; readonly notAfter: bigint };

type LeafNodeSource =
  | { readonly kind: "keyPackage"; readonly lifetime: Lifetime }
  | { readonly kind: "update" }
  | { readonly kind: "commit"; readonly parentHash: Uint8Array };

export type LeafNodeContent = {
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  readonly capabilities: Capabilities;
  readonly source: LeafNodeSource;
  readonly extensions: readonly Extension[];
};

export type LeafNode = LeafNodeContent & { readonly signature: Uint8Array };

/** Where a leaf stands; part of what is signed unless its source is a key package. */
export type LeafPosition = { readonly groupId: Uint8Array; readonly leafIndex: number };

function writeContent(writer: Writer, leaf: LeafNodeContent): void {
  writer.opaque(leaf.encryptionKey).opaque(leaf.signatureKey);
  writeCredential(writer, leaf.credential);
  writeCapabilities(writer, leaf.capabilities);
  if (leaf.source.kind === "keyPackage") {
    writer.u8(1).u64(leaf.source.lifetime.notBefore).u64(leaf.source.lifetime.notAfter);
  } else if (leaf.source.kind === "update") {
    writer.u8(2);
  } else {
    writer.u8(3).opaque(leaf.source.parentHash);
  }
  writeExtensions(writer, leaf.extensions);
}

export function writeLeafNode(writer: Writer, leaf: LeafNode): void {
  writeContent(writer, leaf);
  writer.opaque(leaf.signature);
}

/** LeafNodeTBS. `position` is needed for sources update and commit and must be absent for a key package. */
export function leafNodeTbs(leaf: LeafNodeContent, position: LeafPosition | undefined): Uint8Array {
  const writer = new Writer();
  writeContent(writer, leaf);
  if (leaf.source.kind !== "keyPackage") {
    if (position === undefined) throw new Reject("usage");
    writer.opaque(position.groupId).u32(position.leafIndex);
  }
  return writer.finish();
}

function readSource(reader: Reader): LeafNodeSource {
  const source = reader.u8();
  if (source === 1) return { kind: "keyPackage", lifetime: { notBefore: reader.u64(), notAfter: reader.u64() } };
  if (source === 2) return { kind: "update" };
  if (source === 3) return { kind: "commit", parentHash: reader.opaque(255) };
  throw new Reject("decode_invalid");
}

export function readLeafNode(reader: Reader): LeafNode {
  return {
    encryptionKey: reader.opaque(0xffff),
    signatureKey: reader.opaque(0xffff),
    credential: readCredential(reader),
    capabilities: readCapabilities(reader),
    source: readSource(reader),
    extensions: readExtensions(reader),
    signature: reader.opaque(0xffff),
  };
}
