/**
 * PreSharedKeyID (RFC 9420 §8.4)
 *
 *   PSKType psktype; select: external(1): opaque psk_id<V>;
 *     resumption(2): ResumptionPSKUsage usage (application 1 | reinit 2 | branch 3); opaque psk_group_id<V>; uint64 psk_epoch;
 *   opaque psk_nonce<V>
 *   struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel;
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";

const USAGES = ["application", "reinit", "branch"] as const;
export type ResumptionUsage = (typeof USAGES)[number];

export type PskId =
  | { readonly kind: "external"; readonly id: Uint8Array; readonly nonce: Uint8Array }
  | {
      readonly kind: "resumption";
      readonly usage: ResumptionUsage;
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly nonce: Uint8Array;
    };

export function writePskId(writer: Writer, psk: PskId): void {
  if (psk.kind === "external") writer.u8(1).opaque(psk.id);
  else
    writer
      .u8(2)
      .u8(USAGES.indexOf(psk.usage) + 1)
      .opaque(psk.groupId)
      .u64(psk.epoch);
  writer.opaque(psk.nonce);
}

export function readPskId(reader: Reader): PskId {
  const type = reader.u8();
  if (type === 1) return { kind: "external", id: reader.opaque(LIMITS.credentialBytesMax), nonce: reader.opaque(255) };
  if (type !== 2) throw new Reject("decode_invalid");
  const usage = USAGES[reader.u8() - 1];
  if (usage === undefined) throw new Reject("decode_invalid");
  const groupId = reader.opaque(LIMITS.groupIdBytesMax);
  return { kind: "resumption", usage, groupId, epoch: reader.u64(), nonce: reader.opaque(255) };
}

export function pskLabel(id: PskId, index: number, count: number): Uint8Array {
  const writer = new Writer();
  writePskId(writer, id);
  return writer.u16(index).u16(count).finish();
}
