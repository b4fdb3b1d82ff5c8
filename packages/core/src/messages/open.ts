/**
 * Opening a log entry (spec/groups.md §Entries): decrypt, check the signature, compare the tag, decode; or apply a commit. The one place that
 * opens.
 *
 *   failure    the entry does not count, and nothing has changed: skip it
 *   rejected   it was opened, so a message key is used up; keep the state, show nothing
 *
 * Every member gives the same answer to the same entry, but for `own_message`, which its sender gives, `chain_needed`, and commits whose maker
 * broke the path secrets of some.
 */
import { decodeSafeAad, type Received, type ReceivedApplication, receiveMessage } from "@sotto/mls";
import { type Content, decodeContent, type Entry, equalTags, isFrankingTag, type MessageId, NO_TAG, unpadContent } from "@sotto/protocol";
import { exportEpochSecret } from "../capabilities.ts";
import type { GroupContext } from "../context.ts";
import type { MessageEvidence } from "../evidence/message-evidence.ts";
import { type Conversation, epochOf } from "../groups/conversation.ts";
import { SOTTO_COMPONENT } from "../groups/group-extensions.ts";
import { memberAt } from "../groups/members.ts";
import { callMls } from "../groups/mls-context.ts";
import { applyCommit, type ConversationChange } from "../groups/receive-commit.ts";
import { HANDSHAKE_KEY, isWrapped, unwrapHandshake } from "../groups/wrapped-handshake.ts";
import type { DeviceAddress } from "../identity/credential.ts";
import { type CoreErrorCode, type CoreOutcome, done, failed } from "../outcome.ts";
import { isPostAllowed } from "./posting.ts";
import { messageIdOf } from "./seal.ts";

export type OpenedMessage = {
  readonly kind: "message";
  readonly conversation: Conversation;
  readonly sender: DeviceAddress;
  readonly content: Content;
  readonly bytes: Uint8Array;
  readonly messageId: MessageId;
  /** Keep it with the message: a report cannot be made without. */
  readonly evidence: MessageEvidence;
};

export type Opened =
  | OpenedMessage
  | { readonly kind: "commit"; readonly conversation: Conversation; readonly change: ConversationChange }
  /** Somebody's wish to leave; a commit is due. */
  | { readonly kind: "leaving"; readonly conversation: Conversation; readonly sender: DeviceAddress }
  | { readonly kind: "rejected"; readonly conversation: Conversation; readonly sender: DeviceAddress; readonly code: CoreErrorCode };

export function openEntry(conversation: Conversation, entry: Entry, context: GroupContext): CoreOutcome<Opened> {
  if (entry.epoch !== epochOf(conversation)) return failed("log_entry_invalid");
  const message = messageOf(conversation, entry, context);
  if (!message.ok) return message;
  const received = callMls(context, "received", (on) => receiveMessage(conversation.mls, message.value, on));
  if (!received.ok) return received;
  return act(conversation, { entry, received: received.value }, context);
}

function messageOf(conversation: Conversation, entry: Entry, context: GroupContext): CoreOutcome<Uint8Array> {
  if (!isWrapped(entry.body)) return done(entry.body);
  const key = exportEpochSecret(conversation.mls, HANDSHAKE_KEY, context);
  if (!key.ok) return key;
  const message = unwrapHandshake(entry.body, { log: conversation.log, key: key.value }, context);
  return message === undefined ? failed("log_entry_invalid") : done(message);
}

type Arrival = { readonly entry: Entry; readonly received: Received };

/** A commit stands in a handshake entry and nothing else does: the server ends an epoch by the kind of the entry alone. */
export function act(conversation: Conversation, { entry, received }: Arrival, context: GroupContext): CoreOutcome<Opened> {
  if ((received.kind === "commit") !== (entry.kind === "handshake")) return failed("log_entry_invalid");
  if (received.kind === "application") return openContent(conversation, { entry, received });
  if (!equalTags(entry.tag, NO_TAG)) return failed("content_tag");
  if (received.kind === "commit") {
    const applied = applyCommit(conversation, received, context);
    return applied.ok ? done({ kind: "commit", ...applied.value }) : applied;
  }
  const { sender } = received;
  const leaver = sender.kind === "member" ? memberAt(conversation.mls, sender.leafIndex) : undefined;
  if (leaver === undefined) return failed("group_forbidden");
  return done({ kind: "leaving", conversation: { ...conversation, mls: received.state }, sender: leaver });
}

function openContent(before: Conversation, at: { readonly entry: Entry; readonly received: ReceivedApplication }): CoreOutcome<Opened> {
  const { entry, received } = at;
  const sender = memberAt(before.mls, received.senderLeafIndex);
  if (sender === undefined) return failed("chain_refused");
  const conversation = { ...before, mls: received.state };
  const read = readContent(entry, received);
  if (!read.ok) return done({ kind: "rejected", conversation, sender, code: read.code });
  const { content, bytes } = read.value;
  if (!isPostAllowed(before, sender.account, content.body))
    return done({ kind: "rejected", conversation, sender, code: "group_forbidden" });
  const messageId = messageIdOf(before, { account: sender.account, bytes, salt: content.salt });
  const { seq, acceptedAt, tag, receipt } = entry;
  const evidence = { ...received.evidence, sender, log: before.log, seq, acceptedAt, tag, receipt };
  return done({ kind: "message", conversation, sender, content, bytes, messageId, evidence });
}

/** The tag beside the entry, the tag that is signed and the content belong together. */
function readContent(entry: Entry, received: ReceivedApplication): CoreOutcome<{ readonly content: Content; readonly bytes: Uint8Array }> {
  const framed = decodeSafeAad(received.authenticatedData);
  const item = framed.ok ? framed.value.items.find(({ componentId }) => componentId === SOTTO_COMPONENT.franking) : undefined;
  if (item === undefined || !equalTags(item.data, entry.tag)) return failed("content_tag");
  const unpadded = unpadContent(received.data);
  if (!unpadded.ok) return unpadded;
  const content = decodeContent(unpadded.value);
  if (!content.ok) return content;
  if (!isFrankingTag(item.data, content.value.salt, unpadded.value)) return failed("content_tag");
  return done({ content: content.value, bytes: unpadded.value });
}
