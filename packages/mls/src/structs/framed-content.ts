/**
 * FramedContent, its authentication data and what is signed (RFC 9420 §6, §6.1)
 *
 *   opaque group_id<V>; uint64 epoch; Sender sender; opaque authenticated_data<V>;
 *   ContentType content_type; application(1): opaque application_data<V> · proposal(2): Proposal · commit(3): Commit
 *   Sender: member(1): uint32 leaf_index · external(2): uint32 sender_index · new_member_proposal(3) · new_member_commit(4)
 *   FramedContentAuthData: opaque signature<V>; commit: MAC confirmation_tag<V>
 *   FramedContentTBS: version; wire_format; content; member and new_member_commit: GroupContext
 *   AuthenticatedContent: wire_format; content; auth
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";
import { PROTOCOL_VERSION } from "./capabilities.ts";
import { type Commit, readCommit, writeCommit } from "./commit.ts";
import { type GroupContext, writeGroupContext } from "./group-context.ts";
import { type Proposal, readProposal, writeProposal } from "./proposal.ts";

export const WIRE_FORMAT = { publicMessage: 1, privateMessage: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const;
export const CONTENT_TYPE = { application: 1, proposal: 2, commit: 3 } as const;

export type Sender =
  | { readonly kind: "member"; readonly leafIndex: number }
  | { readonly kind: "external"; readonly senderIndex: number }
  | { readonly kind: "newMemberProposal" }
  | { readonly kind: "newMemberCommit" };

export type Content =
  | { readonly kind: "application"; readonly data: Uint8Array }
  | { readonly kind: "proposal"; readonly proposal: Proposal }
  | { readonly kind: "commit"; readonly commit: Commit };

export type ContentKind = Content["kind"];

export type FramedContent = {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
  readonly content: Content;
};

export type FramedContentAuthData = { readonly signature: Uint8Array; readonly confirmationTag: Uint8Array | undefined };

export type AuthenticatedContent = {
  readonly wireFormat: number;
  readonly framed: FramedContent;
  readonly auth: FramedContentAuthData;
};

export function writeSender(writer: Writer, sender: Sender): void {
  if (sender.kind === "member") writer.u8(1).u32(sender.leafIndex);
  else if (sender.kind === "external") writer.u8(2).u32(sender.senderIndex);
  else writer.u8(sender.kind === "newMemberProposal" ? 3 : 4);
}

export function readSender(reader: Reader): Sender {
  const type = reader.u8();
  if (type === 1) return { kind: "member", leafIndex: reader.u32() };
  if (type === 2) return { kind: "external", senderIndex: reader.u32() };
  if (type === 3) return { kind: "newMemberProposal" };
  if (type === 4) return { kind: "newMemberCommit" };
  throw new Reject("decode_invalid");
}

export function readContentKind(reader: Reader): ContentKind {
  const type = reader.u8();
  if (type === CONTENT_TYPE.application) return "application";
  if (type === CONTENT_TYPE.proposal) return "proposal";
  if (type === CONTENT_TYPE.commit) return "commit";
  throw new Reject("decode_invalid");
}

export function writeContent(writer: Writer, content: Content): void {
  if (content.kind === "application") writer.opaque(content.data);
  else if (content.kind === "proposal") writeProposal(writer, content.proposal);
  else writeCommit(writer, content.commit);
}

export function readContent(reader: Reader, kind: ContentKind): Content {
  if (kind === "application") return { kind, data: reader.opaque() };
  if (kind === "proposal") return { kind, proposal: readProposal(reader) };
  return { kind, commit: readCommit(reader) };
}

export function writeFramedContent(writer: Writer, framed: FramedContent): void {
  writer.opaque(framed.groupId).u64(framed.epoch);
  writeSender(writer, framed.sender);
  writer.opaque(framed.authenticatedData).u8(CONTENT_TYPE[framed.content.kind]);
  writeContent(writer, framed.content);
}

export function readFramedContent(reader: Reader): FramedContent {
  const groupId = reader.opaque(LIMITS.groupIdBytesMax);
  const epoch = reader.u64();
  const sender = readSender(reader);
  const authenticatedData = reader.opaque();
  return { groupId, epoch, sender, authenticatedData, content: readContent(reader, readContentKind(reader)) };
}

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
