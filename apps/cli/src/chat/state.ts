/** All that the screen shows, as one value. What the store holds is read again when it changed; only what is being typed lives here alone. */
import type { ConversationView, MessageView } from "@sotto/client";
import { bytesToHex, idToText, type LogId } from "@sotto/protocol";
import type { Me } from "../show/words.ts";
import { EMPTY, type Editor } from "./editor.ts";

/** `write` is where one types; the others take the keys until Escape. */
type Mode = "write" | "select" | "search" | "react" | "delete" | "help";

export type ChatState = {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly me: Me;
  readonly isOnline: boolean;
  readonly conversations: readonly ConversationView[];
  readonly open: LogId | undefined;
  /** Of the open conversation, oldest first. */
  readonly messages: readonly MessageView[];
  /** So many were asked for; more are there if as many came. */
  readonly limit: number;
  /** Messages up to this one were asked for, after a jump into the past; undefined for the latest. */
  readonly before: number | undefined;
  readonly typing: readonly string[];
  readonly mode: Mode;
  readonly editor: Editor;
  readonly replyTo: MessageView | undefined;
  readonly editing: MessageView | undefined;
  /** Lines between the end of the timeline and the bottom of the screen. */
  readonly scroll: number;
  /** By {@link keyOf}. */
  readonly selected: string | undefined;
  readonly query: Editor;
  readonly results: readonly MessageView[];
  readonly chosen: number;
  readonly notice: { readonly text: string; readonly isError: boolean } | undefined;
  readonly isListWanted: boolean;
};

export const PAGE = 100;
export const MESSAGES_MAX = 5_000;
/** With fewer columns only one of list and timeline has room. */
const LIST_FROM_COLUMNS = 70;

export const keyOf = (message: MessageView): string => bytesToHex(message.localId);

export function initialState(me: Me, size: { readonly columns: number; readonly rows: number }, now: number): ChatState {
  return {
    ...size,
    now,
    me,
    isOnline: false,
    conversations: [],
    open: undefined,
    messages: [],
    limit: PAGE,
    before: undefined,
    typing: [],
    mode: "write",
    editor: EMPTY,
    replyTo: undefined,
    editing: undefined,
    scroll: 0,
    selected: undefined,
    query: EMPTY,
    results: [],
    chosen: 0,
    notice: undefined,
    isListWanted: true,
  };
}

export function openView({ conversations, open }: ChatState): ConversationView | undefined {
  return open === undefined ? undefined : conversations.find(({ log }) => idToText(log) === idToText(open));
}

export function selectedMessage({ messages, selected }: ChatState): MessageView | undefined {
  return messages.find((message) => keyOf(message) === selected);
}

/** Width of the list of conversations; 0 if it is not shown. */
export function listColumns({ columns, isListWanted }: Pick<ChatState, "columns" | "isListWanted">): number {
  if (!isListWanted || columns < LIST_FROM_COLUMNS) return 0;
  return columns >= 120 ? 34 : 24;
}

/** Those that the list shows, in its order: requests first. */
export function listed({ conversations }: Pick<ChatState, "conversations">): readonly ConversationView[] {
  const shown = conversations.filter(({ isArchived }) => !isArchived);
  return [...shown.filter(({ status }) => status === "request"), ...shown.filter(({ status }) => status !== "request")];
}
