/** Conversations and messages as JSON values and as lines. */
import { type Client, type ConversationView, type MessageView, sentenceOf } from "@sotto/client";
import { accountIdToText, idToText } from "@sotto/protocol";
import { briefTime, clockOf } from "./show/time.ts";
import {
  isOwn,
  type Me,
  meFrom,
  messageWords,
  preview,
  quotedWords,
  reactionWords,
  senderWords,
  STATE_MARKS,
  unreachedWords,
} from "./show/words.ts";
import { safeLine } from "./terminal/safe-text.ts";

export type Shown = { readonly value: Readonly<Record<string, unknown>>; readonly line: string };

export function conversationName({ kind, title }: Pick<ConversationView, "kind" | "title">): string {
  return kind === "direct" ? `@${safeLine(title)}` : safeLine(title) || "(no name)";
}

function lastWords({ last, draft }: ConversationView, me: Me): string {
  if (draft !== "") return `draft: ${safeLine(draft)}`;
  if (last === undefined) return "";
  return `${isOwn(last, me) ? "you" : senderWords(last)}: ${preview(last, me)}`;
}

export function showConversation(client: Client, view: ConversationView): Shown {
  const { log, kind, status, title, unread, updatedAt, trouble, last, draft, isMuted, isPinned, isArchived, timerSeconds, undelivered } =
    view;
  const me = meFrom(client.whoAmI());
  const value = {
    id: idToText(log),
    kind,
    status,
    title,
    unread,
    updatedAt,
    trouble: trouble ?? null,
    undelivered: undelivered.map(({ account, username, code }) => ({ account: accountIdToText(account), username, code })),
    last: last === undefined ? null : { from: last.senderName, text: last.text, kind: last.kind, at: last.at },
    draft,
    isMuted,
    isPinned,
    isArchived,
    timerSeconds,
  };
  const marks = [
    status === "active" ? "" : status,
    unread > 0 ? `${unread} new` : "",
    isPinned ? "pinned" : "",
    isMuted ? "muted" : "",
    isArchived ? "archived" : "",
    trouble === undefined ? "" : sentenceOf(trouble),
    ...unreachedWords(view),
  ].filter((mark) => mark !== "");
  const words = lastWords(view, me);
  const notes = marks.length === 0 ? "" : `  (${marks.join(", ")})`;
  return { value, line: `${conversationName(view)}${notes}${words === "" ? "" : `  ${briefTime(updatedAt, Date.now())}  ${words}`}` };
}

export function messageValue(message: MessageView, me: Me): Shown["value"] {
  const { at, kind, text, state, failure, senderName, messageId, replyTo, editedAt, attachments, reactions, origin } = message;
  return {
    id: messageId === undefined ? null : idToText(messageId),
    conversation: idToText(message.log),
    from: senderName,
    account: accountIdToText(message.sender),
    isOwn: isOwn(message, me),
    at,
    kind,
    text,
    state,
    failure: failure ?? null,
    replyTo: replyTo === undefined ? null : idToText(replyTo),
    attachments: attachments.map(({ place, name, mediaType, size, description, upload }) => ({
      place,
      name,
      mediaType,
      size,
      description,
      upload: upload ?? null,
    })),
    isEdited: editedAt !== undefined,
    service: origin?.service ?? null,
    reactions: reactions.map(({ account, emoji }) => ({ account: accountIdToText(account), emoji })),
    ...(message.poll === undefined ? {} : { poll: message.poll }),
  };
}

const INDENT = "       ";

/** The line begins with the clock; further lines are indented, so that no text can look like another message. */
export function showMessage(client: Client, message: MessageView): Shown {
  const me = meFrom(client.whoAmI());
  const value = messageValue(message, me);
  const words = messageWords(message, me).replaceAll("\n", `\n${INDENT}`);
  if (message.kind === "system") return { value, line: `${clockOf(message.at)}  * ${words}` };
  const own = isOwn(message, me);
  const quote = message.quoted === undefined ? [] : [`${INDENT}> ${quotedWords(message.quoted)}`];
  const edited = message.editedAt === undefined || message.kind === "deleted" ? "" : "  (edited)";
  const mark = own && message.kind !== "deleted" && STATE_MARKS[message.state] !== "" ? `  ${STATE_MARKS[message.state]}` : "";
  const reactions = message.reactions.length === 0 ? [] : [`${INDENT}${reactionWords(message.reactions)}`];
  const why = message.failure === undefined ? [] : [`${INDENT}${sentenceOf(message.failure)}`];
  const main = `${clockOf(message.at)}  ${own ? "you" : senderWords(message)}: ${words}${edited}${mark}`;
  const hasFiles = message.attachments.length > 0 && message.messageId !== undefined;
  const files = hasFiles ? [`${INDENT}sotto save ${idToText(message.messageId)}`] : [];
  return { value, line: [...quote, main, ...why, ...files, ...reactions].join("\n") };
}
