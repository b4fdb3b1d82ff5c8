/**
 * PrivateMessage and the associated data of its two encryptions (RFC 9420 §6.3, §6.3.1, §6.3.2)
 *
 *   struct {
 *     opaque group_id<V>;
 *     uint64 epoch;
 *     ContentType content_type;
 *     opaque authenticated_data<V>;
 *     opaque encrypted_sender_data<V>;
 *     opaque ciphertext<V>;
 *   } PrivateMessage;
 *
 *   struct { opaque group_id<V>; uint64 epoch; ContentType content_type; opaque authenticated_data<V>; } PrivateContentAAD;
 *   struct { opaque group_id<V>; uint64 epoch; ContentType content_type; } SenderDataAAD;
 */
import type { Reader } from "../codec/reader.ts";
import { opaqueLength, Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { CONTENT_TYPE, type ContentKind, readContentKind } from "./framed-content.ts";

export type PrivateMessage = {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentKind: ContentKind;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  /** After decoding, a view into the bytes that were decoded. */
  readonly ciphertext: Uint8Array;
};

export function writePrivateMessage(writer: Writer, message: PrivateMessage): void {
  writer.opaque(message.groupId).u64(message.epoch).u8(CONTENT_TYPE[message.contentKind]);
  writer.opaque(message.authenticatedData).opaque(message.encryptedSenderData).opaque(message.ciphertext);
}

export function readPrivateMessage(reader: Reader): PrivateMessage {
  return {
    groupId: reader.opaque(LIMITS.groupIdBytesMax),
    epoch: reader.u64(),
    contentKind: readContentKind(reader),
    authenticatedData: reader.opaque(),
    encryptedSenderData: reader.opaque(255),
    ciphertext: reader.opaqueView(),
  };
}

type Header = Pick<PrivateMessage, "groupId" | "epoch" | "contentKind">;

const headerLength = ({ groupId }: Header): number => opaqueLength(groupId) + 9;

export function senderDataAad(header: Header): Uint8Array {
  return new Writer(headerLength(header)).opaque(header.groupId).u64(header.epoch).u8(CONTENT_TYPE[header.contentKind]).finish();
}

export function privateContentAad(header: Header, authenticatedData: Uint8Array): Uint8Array {
  const writer = new Writer(headerLength(header) + opaqueLength(authenticatedData));
  writer.opaque(header.groupId).u64(header.epoch).u8(CONTENT_TYPE[header.contentKind]);
  return writer.opaque(authenticatedData).finish();
}
