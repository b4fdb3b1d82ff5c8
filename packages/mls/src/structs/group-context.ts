/**
 * GroupContext (RFC 9420 §8.1)
 *
 *   ProtocolVersion version = mls10; CipherSuite cipher_suite; opaque group_id<V>; uint64 epoch; opaque tree_hash<V>;
 *   opaque confirmed_transcript_hash<V>; Extension extensions<V>
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";

export type GroupContext = {
  readonly version: number;
  readonly suiteId: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
};

export function writeGroupContext(writer: Writer, context: GroupContext): void {
  writer.u16(context.version).u16(context.suiteId).opaque(context.groupId).u64(context.epoch);
  writer.opaque(context.treeHash).opaque(context.confirmedTranscriptHash);
  writeExtensions(writer, context.extensions);
}

export function readGroupContext(reader: Reader): GroupContext {
  return {
    version: reader.u16(),
    suiteId: reader.u16(),
    groupId: reader.opaque(LIMITS.groupIdBytesMax),
    epoch: reader.u64(),
    treeHash: reader.opaque(255),
    confirmedTranscriptHash: reader.opaque(255),
    extensions: readExtensions(reader),
  };
}
