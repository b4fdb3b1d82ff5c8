/**
 * FramedContent (RFC 9420 §6)
 *
 *   struct {
 *     opaque group_id<V>;
 *     uint64 epoch;
 *     Sender sender;
 *     opaque authenticated_data<V>;
 *     ContentType content_type;               application(1), proposal(2), commit(3)
 *     select (FramedContent.content_type) {
 *       case application: opaque application_data<V>;
 *       case proposal: Proposal proposal;
 *       case commit: Commit commit;
 *     };
 *   } FramedContent;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";
import { type Commit, readCommit, writeCommit } from "./commit.ts";
import { type Proposal, readProposal, writeProposal } from "./proposal.ts";
import { readSender, type Sender, writeSender } from "./sender.ts";

export const CONTENT_TYPE = { application: 1, proposal: 2, commit: 3 } as const;

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
