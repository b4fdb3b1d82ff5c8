/**
 * GroupInfo and what its signer signs (RFC 9420 §12.4.3)
 *
 *   struct {
 *     GroupContext group_context;
 *     Extension extensions<V>;
 *     MAC confirmation_tag;
 *     uint32 signer;
 *     opaque signature<V>;
 *   } GroupInfo;
 *
 *   GroupInfoTBS: the same without the signature
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";
import { type GroupContext, readGroupContext, writeGroupContext } from "./group-context.ts";

export type GroupInfoContent = {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  readonly signer: number;
};

export type GroupInfo = GroupInfoContent & { readonly signature: Uint8Array };

function writeContent(writer: Writer, info: GroupInfoContent): void {
  writeGroupContext(writer, info.groupContext);
  writeExtensions(writer, info.extensions);
  writer.opaque(info.confirmationTag).u32(info.signer);
}

export function groupInfoTbs(info: GroupInfoContent): Uint8Array {
  const writer = new Writer(4096);
  writeContent(writer, info);
  return writer.finish();
}

export function writeGroupInfo(writer: Writer, info: GroupInfo): void {
  writeContent(writer, info);
  writer.opaque(info.signature);
}

export function readGroupInfo(reader: Reader): GroupInfo {
  return {
    groupContext: readGroupContext(reader),
    extensions: readExtensions(reader),
    confirmationTag: reader.opaque(255),
    signer: reader.u32(),
    signature: reader.opaque(0xffff),
  };
}
