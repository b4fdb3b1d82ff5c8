/** Conversations and messages as the engine would show them. */
import type { ConversationView, MessageView } from "@sotto/client";
import { accountId, type AccountId, logId, type LogId, messageId, toId } from "@sotto/protocol";

const account = (fill: number): AccountId => toId(accountId, new Uint8Array(32).fill(fill));
export const log = (fill: number): LogId => toId(logId, new Uint8Array(16).fill(fill));
export const [BOB, ADA] = [account(1), account(2)];
export const NOON = new Date(2026, 10, 25, 12, 0).getTime();

export function message(number: number, given: Partial<MessageView> = {}): MessageView {
  return {
    localId: new Uint8Array(16).fill(number),
    log: log(1),
    seq: number,
    messageId: toId(messageId, Uint8Array.of(1, ...new Uint8Array(31).fill(number))),
    sender: ADA,
    senderName: "ada",
    at: NOON + number * 60_000,
    kind: "text",
    text: `message ${number}`,
    state: "received",
    failure: undefined,
    replyTo: undefined,
    quoted: undefined,
    editedAt: undefined,
    reactions: [],
    change: undefined,
    poll: undefined,
    mentions: new Map(),
    attachments: [],
    origin: undefined,
    ...given,
  };
}

export function conversation(number: number, given: Partial<ConversationView> = {}): ConversationView {
  return {
    log: log(number),
    kind: "direct",
    status: "active",
    title: `person${number}`,
    peer: account(number + 10),
    unread: 0,
    updatedAt: NOON,
    trouble: undefined,
    undelivered: [],
    last: undefined,
    draft: "",
    isMuted: false,
    isPinned: false,
    isArchived: false,
    timerSeconds: 0,
    ...given,
  };
}
