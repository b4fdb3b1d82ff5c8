/** The request that brings an entry into a conversation's log (spec/log.md §Operations), in the present epoch, with the right to write. */
import { type AppendRequest, type EntryKind, entryId, toId } from "@sotto/protocol";
import { epochHashes, epochTokens } from "../capabilities.ts";
import type { CoreContext } from "../context.ts";
import { type CoreOutcome, done } from "../outcome.ts";
import type { Conversation } from "./conversation.ts";

const ENTRY_ID_BYTES = 16;

export type Outgoing = {
  readonly kind: EntryKind;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
  /** With a handshake: the conversation in the epoch that it starts. */
  readonly next?: Conversation;
};

/** `conversation` is in the epoch of the entry. The entry id makes a repeated append harmless. */
export function appendRequestFor(conversation: Conversation, outgoing: Outgoing, context: CoreContext): CoreOutcome<AppendRequest> {
  const tokens = epochTokens(conversation, context);
  if (!tokens.ok) return tokens;
  const next = outgoing.next === undefined ? done(null) : epochHashes(outgoing.next, context);
  if (!next.ok) return next;
  return done({
    log: conversation.log,
    epoch: tokens.value.epoch,
    token: tokens.value.write,
    entryId: toId(entryId, context.random(ENTRY_ID_BYTES)),
    kind: outgoing.kind,
    tag: outgoing.tag,
    body: outgoing.body,
    next: next.value,
  });
}
