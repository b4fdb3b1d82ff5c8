/**
 * PublicMessage (RFC 9420 §6.2)
 *
 *   struct {
 *     FramedContent content;
 *     FramedContentAuthData auth;
 *     select (PublicMessage.content.sender.sender_type) {
 *       case member: MAC membership_tag;
 *       case external: case new_member_commit: case new_member_proposal: struct {};
 *     };
 *   } PublicMessage;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { type FramedContentAuthData, readAuthData, writeAuthData } from "./authenticated-content.ts";
import { type FramedContent, readFramedContent, writeFramedContent } from "./framed-content.ts";

export type PublicMessage = {
  readonly framed: FramedContent;
  readonly auth: FramedContentAuthData;
  /** Present exactly for member senders. */
  readonly membershipTag: Uint8Array | undefined;
};

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
