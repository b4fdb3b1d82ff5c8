/** Invitations on their way to the inboxes of those who were added: sealed once, and rows of the outbox. */
import { INLINE_TREE_BYTES_MAX, type Invitation, sealNote, welcomeNote } from "@sotto/core";
import { entryId, type LogId, toId } from "@sotto/protocol";
import { noteBlob } from "../attachments/note-blob.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { encodeDelivery } from "../send/delivery.ts";
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

/** A large tree leaves first, as a blob. One whose device went away meanwhile gets nothing: the next repair adds them again. */
export function deliveries(engine: Engine, { name, log, firstSeq, invitations, ratchetTree }: Welcoming): Statement[] {
  const greeting = { senderName: engine.me.username, text: "" };
  const blob = ratchetTree.length > INLINE_TREE_BYTES_MAX ? noteBlob(engine, ratchetTree, { log: name }) : undefined;
  const tree = blob?.attachment ?? ratchetTree;
  const notes = invitations.flatMap((invitation) => {
    const note = welcomeNote(invitation, { log, firstSeq, tree, greeting });
    if (!note.ok) return [];
    const context = { ...engine.context, chains: engine.chains.lookup() };
    const body = sealNote(engine.self, { to: invitation.to, note: note.value }, context);
    if (!body.ok) return [];
    const itemId = toId(entryId, engine.context.random(ITEM_ID_BYTES));
    const draft = encodeDelivery({ to: invitation.to, itemId, body: body.value });
    return [enqueue({ log: name, localId: itemId, kind: "deliver", draft })];
  });
  return blob === undefined || notes.length === 0 ? notes : [blob.statement, ...notes];
}
