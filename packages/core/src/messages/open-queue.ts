/**
 * Opening many entries at once, as after a time away: the signatures of runs of messages are checked on other threads while the next are
 * decrypted. The outcomes are those of {@link openEntry} one by one, and stop behind the first handshake: its effect is on what follows, and the
 * caller may have to fetch chains or read on with the next token.
 */
import { receiveQueue, type SignatureVerifier } from "@sotto/mls";
import type { Entry } from "@sotto/protocol";
import type { GroupContext } from "../context.ts";
import { type Conversation, epochOf } from "../groups/conversation.ts";
import { openMls } from "../groups/mls-context.ts";
import { isWrapped } from "../groups/wrapped-handshake.ts";
import type { CoreOutcome } from "../outcome.ts";
import { act, type Opened, openEntry } from "./open.ts";

export type OpenedQueue = {
  /** The conversation after the entries that have an outcome. */
  readonly conversation: Conversation;
  /** One for each entry from the first; fewer than entries if there was a handshake among them. */
  readonly outcomes: readonly CoreOutcome<Opened>[];
};

export type QueueContext = GroupContext & { readonly verifier: SignatureVerifier };

/** How many entries from `start` on are plain messages of the conversation's epoch. */
function runLength({ entries, start }: { readonly entries: readonly Entry[]; readonly start: number }, conversation: Conversation): number {
  const epoch = epochOf(conversation);
  const isPlain = (entry: Entry): boolean => entry.kind === "message" && entry.epoch === epoch && !isWrapped(entry.body);
  const end = entries.findIndex((entry, i) => i >= start && !isPlain(entry));
  return (end < 0 ? entries.length : end) - start;
}

async function openRun(before: Conversation, run: readonly Entry[], context: QueueContext): Promise<OpenedQueue> {
  const { mls, tell } = openMls(context, "received");
  const bodies = run.map(({ body }) => body);
  const queue = await receiveQueue(before.mls, bodies, { context: mls, verifier: context.verifier });
  let conversation = before;
  const outcomes = run.map((entry, i): CoreOutcome<Opened> => {
    const received = queue.outcomes[i];
    if (received === undefined) return openEntry(conversation, entry, context);
    const opened = received.ok ? act(conversation, { entry, received: received.value }, context) : tell(received);
    if (opened.ok) conversation = opened.value.conversation;
    return opened;
  });
  return { conversation, outcomes };
}

export async function openEntries(conversation: Conversation, entries: readonly Entry[], context: QueueContext): Promise<OpenedQueue> {
  const outcomes: CoreOutcome<Opened>[] = [];
  let at = conversation;
  while (outcomes.length < entries.length) {
    const start = outcomes.length;
    const length = runLength({ entries, start }, at);
    if (length > 0) {
      const run = await openRun(at, entries.slice(start, start + length), context);
      outcomes.push(...run.outcomes);
      at = run.conversation;
      continue;
    }
    const entry = entries[start];
    if (entry === undefined) break;
    const opened = openEntry(at, entry, context);
    outcomes.push(opened);
    if (opened.ok) at = opened.value.conversation;
    if (entry.kind === "handshake") break;
  }
  return { conversation: at, outcomes };
}
