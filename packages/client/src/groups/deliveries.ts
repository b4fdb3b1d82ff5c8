/** Invitations on their way to the inboxes of those who were added: sealed once, and rows of the outbox. */
import { type Invitation, sealNote, welcomeNote } from "@sotto/core";
import { encodeCbor, entryId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { enqueue } from "../send/outbox.ts";

export type Welcoming = {
  /** Of the conversation on this device. */
  readonly name: LogId;
  readonly log: LogId;
  readonly firstSeq: number;
  readonly invitations: readonly Invitation[];
  readonly ratchetTree: Uint8Array;
};

const ITEM_ID_BYTES = 16;

/** One whose device went away meanwhile, or for whom the tree is too large for an inbox, gets nothing: the next repair adds them again. */
export function deliveries(engine: Engine, { name, log, firstSeq, invitations, ratchetTree }: Welcoming): Statement[] {
  const greeting = { senderName: engine.me.username, text: "" };
  return invitations.flatMap((invitation) => {
    const note = welcomeNote(invitation, { log, firstSeq, tree: ratchetTree, greeting });
    if (!note.ok) return [];
    const context = { ...engine.context, chains: engine.chains.lookup() };
    const body = sealNote(engine.self, { to: invitation.to, note: note.value }, context);
    if (!body.ok) return [];
    const itemId = toId(entryId, engine.context.random(ITEM_ID_BYTES));
    const draft = encodeCbor([invitation.to.account, invitation.to.device, itemId, body.value]);
    return [enqueue({ log: name, localId: itemId, kind: "deliver", draft })];
  });
}
