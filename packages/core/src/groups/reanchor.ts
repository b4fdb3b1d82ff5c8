/**
 * Going on in another log (spec/groups.md §Re-anchoring): after a handshake that is no valid commit, with token hashes that nobody knows, or when
 * the server lost the log. The MLS group stays as it is; only the place where its entries are ordered changes.
 *
 *   new log id = exporter("sotto reanchor", old log id ‖ attempt u64, 16) of the epoch
 *
 * Every member derives the same id, so all arrive in the same log without a word. A member who takes the id first, with other token hashes, makes
 * the server refuse it for all alike (`log_exists`): then the next attempt counts.
 */
import { concatBytes, type CapabilityHashes, type InboxNote, logId, type LogId, toId, uint64ToBytes } from "@sotto/protocol";
import { epochHashes, exportEpochSecret } from "../capabilities.ts";
import type { CoreContext } from "../context.ts";
import { type CoreOutcome, done } from "../outcome.ts";
import { type Conversation, epochOf } from "./conversation.ts";

export type ReanchorNote = Extract<InboxNote, { kind: "reanchor" }>;

export type Reanchored = {
  readonly conversation: Conversation;
  readonly create: { readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes };
  /** Tells those who cannot notice the break themselves. */
  readonly note: ReanchorNote;
};

const LABEL = "sotto reanchor";
const LOG_ID_BYTES = 16;

/** `attempt` counts from 0. */
export function reanchor(conversation: Conversation, attempt: number, context: CoreContext): CoreOutcome<Reanchored> {
  const place = concatBytes(conversation.log, uint64ToBytes(attempt));
  const id = exportEpochSecret(conversation.mls, { label: LABEL, length: LOG_ID_BYTES, context: place }, context);
  if (!id.ok) return id;
  const moved = { ...conversation, log: toId(logId, id.value) };
  const hashes = epochHashes(moved, context);
  if (!hashes.ok) return hashes;
  const epoch = epochOf(conversation);
  const note = { kind: "reanchor" as const, oldLog: conversation.log, newLog: moved.log, epoch };
  return done({ conversation: moved, create: { log: moved.log, epoch, hashes: hashes.value }, note });
}
