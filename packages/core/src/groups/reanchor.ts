/**
 * Going on in another log (spec/groups.md §Re-anchoring): after a handshake that is no valid commit, with token hashes that nobody knows, or when
 * the server lost the log. The MLS group stays as it is; only the place where its entries are ordered changes. Every member may do it and tells
 * the devices of all by their inboxes. Of several new logs for one old log and epoch the one with the lowest id counts.
 */
import { type CapabilityHashes, compareBytes, equalBytes, type InboxNote, logId, type LogId, toId } from "@sotto/protocol";
import { epochHashes } from "../capabilities.ts";
import type { CoreContext } from "../context.ts";
import { addressKey, type DeviceAddress } from "../identity/credential.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { type Conversation, epochOf } from "./conversation.ts";
import { memberDevices } from "./members.ts";

export type ReanchorNote = Extract<InboxNote, { kind: "reanchor" }>;

export type Reanchored = {
  readonly conversation: Conversation;
  readonly create: { readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes };
  readonly note: ReanchorNote;
};

const LOG_ID_BYTES = 16;

export function reanchor(conversation: Conversation, context: CoreContext): CoreOutcome<Reanchored> {
  const moved = { ...conversation, log: toId(logId, context.random(LOG_ID_BYTES)) };
  const hashes = epochHashes(moved, context);
  if (!hashes.ok) return hashes;
  const epoch = epochOf(conversation);
  const note = { kind: "reanchor" as const, oldLog: conversation.log, newLog: moved.log, epoch };
  return done({ conversation: moved, create: { log: moved.log, epoch, hashes: hashes.value }, note });
}

/** The conversation in its new log. In another epoch it is `log_epoch_unknown`: read the old log to its last valid commit first. */
export function followReanchor(
  conversation: Conversation,
  { sender, note }: { readonly sender: DeviceAddress; readonly note: ReanchorNote },
): CoreOutcome<Conversation> {
  const isMember = memberDevices(conversation).some((member) => addressKey(member) === addressKey(sender));
  if (!isMember) return failed("group_forbidden");
  if (!equalBytes(note.oldLog, conversation.log)) return failed("log_unknown");
  return note.epoch === epochOf(conversation) ? done({ ...conversation, log: note.newLog }) : failed("log_epoch_unknown");
}

export function firstReanchor(a: ReanchorNote, b: ReanchorNote): ReanchorNote {
  return compareBytes(a.newLog, b.newLog) <= 0 ? a : b;
}
