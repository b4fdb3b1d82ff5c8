/** Conversations and messages as JSON values and as lines. */
import type { Client, ConversationView, MessageView } from "@sotto/client";
import { accountIdToText, equalBytes, idToText } from "@sotto/protocol";

export type Shown = { readonly value: Readonly<Record<string, unknown>>; readonly line: string };

export function showConversation(view: ConversationView): Shown {
  const { log, kind, status, title, unread, updatedAt, trouble } = view;
  const value = { id: idToText(log), kind, status, title, unread, updatedAt, trouble: trouble ?? null };
  const name = kind === "direct" ? `@${title}` : title;
  const notes = [status === "active" ? "" : status, unread > 0 ? `${unread} new` : "", trouble ?? ""].filter((note) => note !== "");
  return { value, line: notes.length === 0 ? name : `${name}  (${notes.join(", ")})` };
}

const time = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

export function showMessage(client: Client, message: MessageView): Shown {
  const me = client.whoAmI();
  const isOwn = me !== undefined && equalBytes(message.sender, me.account);
  const { at, kind, text, state, senderName, messageId, replyTo, editedAt, reactions } = message;
  const value = {
    id: messageId === undefined ? null : idToText(messageId),
    conversation: idToText(message.log),
    from: senderName,
    account: accountIdToText(message.sender),
    isOwn,
    at,
    kind,
    text,
    state,
    replyTo: replyTo === undefined ? null : idToText(replyTo),
    isEdited: editedAt !== undefined,
    reactions: reactions.map(({ account, emoji }) => ({ account: accountIdToText(account), emoji })),
  };
  const words = kind === "deleted" ? "(taken back)" : kind === "system" ? "(the members or the title changed)" : text;
  return {
    value,
    line: `${time(at)}  ${isOwn ? "you" : senderName || "?"}: ${words}${isOwn && kind === "text" ? `  [${state}]` : ""}${reactions.length > 0 ? `  ${reactions.map(({ emoji }) => emoji).join("")}` : ""}`,
  };
}
