/**
 * PublicMessage, PrivateMessage and what encrypts the latter (RFC 9420 §6.2, §6.3)
 *
 *   PublicMessage: FramedContent content; FramedContentAuthData auth; member: MAC membership_tag<V>
 *   PrivateMessage: opaque group_id<V>; uint64 epoch; ContentType content_type; opaque authenticated_data<V>;
 *                   opaque encrypted_sender_data<V>; opaque ciphertext<V>
 *   PrivateContentAAD: group_id<V>; epoch; content_type; authenticated_data<V>
 *   SenderDataAAD:     group_id<V>; epoch; content_type
 *   SenderData: uint32 leaf_index; uint32 generation; opaque reuse_guard[4]
 */
import type { Reader } from "../codec/reader.ts";
import { opaqueLength, Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import {
  CONTENT_TYPE,
  type ContentKind,
  type FramedContent,
  type FramedContentAuthData,
  readAuthData,
  readContentKind,
  readFramedContent,
  writeAuthData,
  writeFramedContent,
} from "./framed-content.ts";

export type PublicMessage = {
  readonly framed: FramedContent;
  readonly auth: FramedContentAuthData;
  /** Present exactly for member senders. */
  readonly membershipTag: Uint8Array | undefined;
};

export type PrivateMessage = {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentKind: ContentKind;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  /** After decoding, a view into the bytes that were decoded. */
  readonly ciphertext: Uint8Array;
};

export type SenderData = { readonly leafIndex: number; readonly generation: number; readonly reuseGuard: Uint8Array };

export function writePublicMessage(writer: Writer, message: PublicMessage): void {
  writeFramedContent(writer, message.framed);
  writeAuthData(writer, message.auth);
  if (message.membershipTag !== undefined) writer.opaque(message.membershipTag);
}

export function readPublicMessage(reader: Reader): PublicMessage {
  const framed = readFramedContent(reader);
  const auth = readAuthData(reader, framed.content.kind);
  return { framed, auth, membershipTag: framed.sender.kind === "member" ? reader.opaque(255) : undefined };
}

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

export function writeSenderData(writer: Writer, data: SenderData): void {
  writer.u32(data.leafIndex).u32(data.generation).raw(data.reuseGuard);
}

export function readSenderData(reader: Reader): SenderData {
  return { leafIndex: reader.u32(), generation: reader.u32(), reuseGuard: reader.raw(4) };
}
