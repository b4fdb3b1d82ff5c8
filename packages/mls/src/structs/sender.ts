/**
 * Sender (RFC 9420 §6)
 *
 *   struct {
 *     SenderType sender_type;                 member(1), external(2), new_member_proposal(3), new_member_commit(4)
 *     select (Sender.sender_type) {
 *       case member: uint32 leaf_index;
 *       case external: uint32 sender_index;
 *       case new_member_commit: case new_member_proposal: struct {};
 *     };
 *   } Sender;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { Reject } from "../outcome.ts";

export type Sender =
  | { readonly kind: "member"; readonly leafIndex: number }
  | { readonly kind: "external"; readonly senderIndex: number }
  | { readonly kind: "newMemberProposal" }
  | { readonly kind: "newMemberCommit" };

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
