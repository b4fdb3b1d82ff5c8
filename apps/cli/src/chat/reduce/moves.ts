/** Going from one conversation to another, and back and forth in a timeline. */
import { idToText, type LogId } from "@sotto/protocol";
import { EMPTY, textOf } from "../editor.ts";
import type { ChatEffect, Step } from "../events.ts";
import { type ChatState, listed, MESSAGES_MAX, openView, PAGE } from "../state.ts";

export const still = (state: ChatState, ...effects: readonly ChatEffect[]): Step<ChatState> => ({ state, effects });

const isSame = (a: LogId | undefined, b: LogId | undefined): boolean => (a && idToText(a)) === (b && idToText(b));

/** What was typed stays behind as a draft; that of the other conversation comes. */
export function leaving(state: ChatState): ChatEffect[] {
  if (state.open === undefined || state.editing !== undefined) return [];
  return [
    { do: "saveDraft", log: state.open, text: textOf(state.editor), replyTo: state.replyTo?.messageId },
    { do: "stopTyping", log: state.open },
  ];
}

const CLEAN = {
  typing: [],
  editor: EMPTY,
  replyTo: undefined,
  editing: undefined,
  scroll: 0,
  selected: undefined,
  notice: undefined,
} as const;

export function opened(state: ChatState, log: LogId, before?: number): Step<ChatState> {
  if (isSame(state.open, log) && before === state.before) return still({ ...state, mode: "write", selected: undefined });
  const isOther = !isSame(state.open, log);
  const fresh = isOther ? { ...CLEAN, messages: [] } : { scroll: 0, selected: undefined };
  const next: ChatState = { ...state, ...fresh, open: log, mode: "write", limit: PAGE, before };
  const load: ChatEffect = { do: "load", log, limit: PAGE, before };
  return { state: next, effects: isOther ? [...leaving(state), { do: "loadDraft", log }, load] : [load] };
}

/** The next or the previous one of the list. */
export function neighbour(state: ChatState, step: -1 | 1): Step<ChatState> {
  const list = listed(state);
  const at = list.findIndex(({ log }) => isSame(log, state.open));
  const next = list[at === -1 ? 0 : (at + step + list.length) % list.length];
  return next === undefined ? still(state) : opened(state, next.log);
}

/** The one that stands at this place of the list, from 1. */
export function nth(state: ChatState, place: number): Step<ChatState> {
  const next = listed(state)[place - 1];
  return next === undefined ? still(state) : opened(state, next.log);
}

/** The next one with something new in it. */
export function nextUnread(state: ChatState): Step<ChatState> {
  const next = listed(state).find(({ log, unread }) => unread > 0 && !isSame(log, state.open));
  return next === undefined ? still(state) : opened(state, next.log);
}

/** So many lines up; older messages are asked for before they are needed. The view keeps it within what is there. */
export function scrolled(state: ChatState, lines: number): Step<ChatState> {
  const scroll = Math.max(0, state.scroll + lines);
  const { open, messages, limit, before } = state;
  if (lines < 0 && scroll === 0 && before !== undefined && open !== undefined) return opened(state, open);
  const isMore = lines > 0 && open !== undefined && messages.length >= limit && limit < MESSAGES_MAX;
  const isNear = isMore && scroll + 3 * state.rows > messages.length;
  if (!isNear || open === undefined) return still({ ...state, scroll });
  return still({ ...state, scroll, limit: limit + PAGE }, { do: "load", log: open, limit: limit + PAGE, before });
}

/** What is on the screen counts as read, unless it is a request, which nobody has answered yet. */
export function readEffects(state: ChatState): ChatEffect[] {
  const view = openView(state);
  const isSeen = view !== undefined && view.status === "active" && view.unread > 0 && state.before === undefined && state.scroll === 0;
  return isSeen ? [{ do: "markRead", log: view.log }] : [];
}
