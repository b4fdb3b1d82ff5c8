/**
 * AuthenticatedContent, its authentication data and what is signed (RFC 9420 §6, §6.1)
 *
 *   struct {
 *     opaque signature<V>;
 *     select (FramedContent.content_type) {
 *       case commit: MAC confirmation_tag;
 *       case application: case proposal: struct {};
 *     };
 *   } FramedContentAuthData;
 *
 *   struct { WireFormat wire_format; FramedContent content; FramedContentAuthData auth; } AuthenticatedContent;
 *
 *   struct {
 *     ProtocolVersion version = mls10;
 *     WireFormat wire_format;
 *     FramedContent content;
 *     select (FramedContentTBS.content.sender.sender_type) {
 *       case member: case new_member_commit: GroupContext context;
 *       case external: case new_member_proposal: struct {};
 *     };
 *   } FramedContentTBS;
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { PROTOCOL_VERSION } from "./capabilities.ts";
import { type ContentKind, type FramedContent, readFramedContent, writeFramedContent } from "./framed-content.ts";
import { type GroupContext, writeGroupContext } from "./group-context.ts";

export const WIRE_FORMAT = { publicMessage: 1, privateMessage: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const;

export type FramedContentAuthData = { readonly signature: Uint8Array; readonly confirmationTag: Uint8Array | undefined };

export type AuthenticatedContent = {
  readonly wireFormat: number;
  readonly framed: FramedContent;
  readonly auth: FramedContentAuthData;
};

export function writeAuthData(writer: Writer, auth: FramedContentAuthData): void {
  writer.opaque(auth.signature);
  if (auth.confirmationTag !== undefined) writer.opaque(auth.confirmationTag);
}

export function readAuthData(reader: Reader, kind: ContentKind): FramedContentAuthData {
  return { signature: reader.opaque(0xffff), confirmationTag: kind === "commit" ? reader.opaque(255) : undefined };
}

export function writeAuthenticatedContent(writer: Writer, content: AuthenticatedContent): void {
  writer.u16(content.wireFormat);
  writeFramedContent(writer, content.framed);
  writeAuthData(writer, content.auth);
}

export function readAuthenticatedContent(reader: Reader): AuthenticatedContent {
  const wireFormat = reader.u16();
  const framed = readFramedContent(reader);
  return { wireFormat, framed, auth: readAuthData(reader, framed.content.kind) };
}

/** FramedContentTBS. `context` is ignored for the two kinds of sender that do not know it. */
export function framedContentTbs(wireFormat: number, framed: FramedContent, context: GroupContext): Uint8Array {
  const size = framed.content.kind === "application" ? framed.content.data.length : 1024;
  const writer = new Writer(size + framed.authenticatedData.length + 384).u16(PROTOCOL_VERSION).u16(wireFormat);
  writeFramedContent(writer, framed);
  if (framed.sender.kind === "member" || framed.sender.kind === "newMemberCommit") writeGroupContext(writer, context);
  return writer.finish();
}
