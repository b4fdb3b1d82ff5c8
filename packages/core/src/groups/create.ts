/**
 * A new conversation (spec/groups.md §Creation). The maker is alone in epoch 0, so the first commit need not be in any log: the log begins in
 * the epoch that those who are invited at once enter too.
 */
import { createGroup } from "@sotto/mls";
import { type CapabilityHashes, logId, type LogId, toId } from "@sotto/protocol";
import { epochHashes } from "../capabilities.ts";
import type { GroupContext } from "../context.ts";
import type { OwnDevice } from "../identity/device.ts";
import { type CoreOutcome, done } from "../outcome.ts";
import { MESSAGE_SUITE } from "../suite.ts";
import { invitationsOf, prepareCommit, type StagedCommit } from "./commit.ts";
import { type Conversation, type ConversationKind, epochOf, firstState } from "./conversation.ts";
import { groupExtensions } from "./group-extensions.ts";
import { type Invitee, mlsIdentity } from "./key-packages.ts";
import { callMls } from "./mls-context.ts";

const ID_BYTES = 16;

export type NewConversation = Pick<StagedCommit, "invitations" | "ratchetTree"> & {
  readonly conversation: Conversation;
  /** What `log.create` takes, beside payment. Deliver the invitations once the log is there; their first entry is 1. */
  readonly create: { readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes };
};

export type ConversationOptions = {
  readonly kind: ConversationKind;
  /** Shown to the members of a group; empty for the other kinds. */
  readonly name: string;
  readonly invitees: readonly Invitee[];
};

function emptyConversation(self: OwnDevice, options: ConversationOptions, context: GroupContext): CoreOutcome<Conversation> {
  const group = firstState(options.kind, self.account, options.name);
  const extensions = groupExtensions(options.kind, group);
  const request = { suiteId: MESSAGE_SUITE, identity: mlsIdentity(self), groupId: context.random(ID_BYTES), groupExtensions: extensions };
  const mls = callMls(context, "own", (on) => createGroup(request, on));
  return mls.ok ? done({ log: toId(logId, context.random(ID_BYTES)), kind: options.kind, mls: mls.value, group }) : mls;
}

/** Own other devices are invited like those of others. */
export function createConversation(self: OwnDevice, options: ConversationOptions, context: GroupContext): CoreOutcome<NewConversation> {
  const empty = emptyConversation(self, options, context);
  if (!empty.ok) return empty;
  const begun =
    options.invitees.length === 0
      ? done({ conversation: empty.value, invitations: [], ratchetTree: new Uint8Array(0) })
      : begin(empty.value);
  if (!begun.ok) return begun;
  const { conversation } = begun.value;
  const hashes = epochHashes(conversation, context);
  return hashes.ok
    ? done({ ...begun.value, create: { log: conversation.log, epoch: epochOf(conversation), hashes: hashes.value } })
    : hashes;

  function begin(alone: Conversation): CoreOutcome<Omit<NewConversation, "create">> {
    const prepared = prepareCommit({ conversation: alone, self }, { adds: options.invitees }, context);
    if (!prepared.ok) return prepared;
    const invitations = invitationsOf(prepared.value);
    if (!invitations.ok) return invitations;
    const { made, group } = prepared.value;
    return done({ conversation: { ...alone, mls: made.next, group }, ...invitations.value });
  }
}
