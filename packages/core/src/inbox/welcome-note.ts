/** What brings a device into a conversation by way of its inbox (spec/inbox.md §Notes, kind welcome). */
import { type Attachment, type InboxNote, type LogId, type RatchetTree } from "@sotto/protocol";
import type { Invitation } from "../groups/invitation.ts";
import type { Welcomed } from "../groups/join.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";

/** A larger ratchet tree goes into a blob, sealed like an attachment: with Welcome and group state it would not fit an inbox item. */
export const INLINE_TREE_BYTES_MAX: number = 128 * 1024;

export type Greeting = { readonly senderName: string; readonly text: string };

export type WelcomeFacts = {
  readonly log: LogId;
  /** The entry after the commit that added the device; 1 for a conversation that begins. */
  readonly firstSeq: number;
  /** Bytes if they are few enough, or the blob that has them. */
  readonly tree: Uint8Array | Attachment;
  readonly greeting: Greeting;
};

export function welcomeNote({ welcome }: Invitation, { log, firstSeq, tree, greeting }: WelcomeFacts): CoreOutcome<InboxNote> {
  const isInline = tree instanceof Uint8Array;
  if (isInline && tree.length > INLINE_TREE_BYTES_MAX) return failed("content_too_large");
  const ratchetTree: RatchetTree = isInline ? { kind: "inline", tree } : { kind: "blob", attachment: tree };
  return done({ kind: "welcome", log, firstSeq, welcome, tree: ratchetTree, senderName: greeting.senderName, greeting: greeting.text });
}

/** What joinConversation takes; `blob` is the opened content of the blob where the note names one. */
export function readWelcomeNote(note: Extract<InboxNote, { kind: "welcome" }>, blob?: Uint8Array): CoreOutcome<Welcomed> {
  const { log, welcome, tree } = note;
  if (tree.kind === "inline") return done({ log, welcome, ratchetTree: tree.tree });
  if (tree.kind === "included") return done({ log, welcome, ratchetTree: new Uint8Array(0) });
  return blob === undefined ? failed("blob_incomplete") : done({ log, welcome, ratchetTree: blob });
}
