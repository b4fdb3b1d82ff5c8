/**
 * SenderData: who sent a PrivateMessage, and with which key (RFC 9420 §6.3.2)
 *
 *   struct {
 *     uint32 leaf_index;
 *     uint32 generation;
 *     opaque reuse_guard[4];
 *   } SenderData;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";

export type SenderData = { readonly leafIndex: number; readonly generation: number; readonly reuseGuard: Uint8Array };

export function writeSenderData(writer: Writer, data: SenderData): void {
  writer.u32(data.leafIndex).u32(data.generation).raw(data.reuseGuard);
}

export function readSenderData(reader: Reader): SenderData {
  return { leafIndex: reader.u32(), generation: reader.u32(), reuseGuard: reader.raw(4) };
}
