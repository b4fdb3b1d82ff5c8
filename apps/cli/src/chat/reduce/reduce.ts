/** The state after an event, and what is to be done: a pure function. */
import { EMPTY, editorOf, textOf } from "../editor.ts";
import type { ChatEvent, Step } from "../events.ts";
import { graphemes } from "../../terminal/width.ts";
import type { Key } from "../keys.ts";
import { type ChatState, keyOf, listed, openView } from "../state.ts";
import { leaving, opened, readEffects, still } from "./moves.ts";
import { searchKey } from "./search.ts";
import { askKey, selectKey } from "./select.ts";
import { writeKey } from "./write.ts";

/** Keys that do the same everywhere. */
function globalKey(state: ChatState, name: string): Step<ChatState> | undefined {
  switch (name) {
    case "ctrl-c":
    case "ctrl-q":
      return still(state, ...leaving(state), { do: "quit" });
    case "ctrl-z":
      return still(state, { do: "suspend" });
    case "ctrl-l":
      return still(state, { do: "redraw" });
    case "ctrl-o":
    case "tab":
      return still({ ...state, isListWanted: !state.isListWanted });
    case "f1":
      return still({ ...state, mode: state.mode === "help" ? "write" : "help", chosen: 0 });
    case "ctrl-f":
      return state.mode === "search" ? undefined : still({ ...state, mode: "search", query: EMPTY, results: [], chosen: 0 });
    default:
      return undefined;
  }
}

const HELP_STEPS: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: -10, pagedown: 10 };

/** The arrows move the help, everything else closes it. */
function helpKey(state: ChatState, key: Key): Step<ChatState> {
  if (key.kind === "report") return still(state);
  const step = key.kind === "key" ? HELP_STEPS[key.name] : undefined;
  const chosen = Math.min(Math.max(0, state.chosen + (step ?? 0)), 100);
  return still(step === undefined ? { ...state, mode: "write", chosen: 0 } : { ...state, chosen });
}

function keyed(state: ChatState, key: Key): Step<ChatState> {
  const everywhere = key.kind === "key" ? globalKey(state, key.name) : undefined;
  if (everywhere !== undefined) return everywhere;
  switch (state.mode) {
    case "write":
      return writeKey(state, key);
    case "select":
      return selectKey(state, key);
    case "react":
    case "delete":
      return askKey(state, key);
    case "search":
      return searchKey(state, key);
    case "help":
      return helpKey(state, key);
  }
}

/** At the start, and when the open conversation went away: the latest one, a request only if there is nothing else. */
function openFirst(state: ChatState): Step<ChatState> {
  const list = listed(state);
  const first = list.find(({ status }) => status !== "request") ?? list[0];
  if (first !== undefined) return opened(state, first.log);
  return still({
    ...state,
    open: undefined,
    messages: [],
    before: undefined,
    selected: undefined,
    mode: state.mode === "select" ? "write" : state.mode,
  });
}

const isOpen = ({ open }: ChatState, log: Uint8Array): boolean => open !== undefined && open.join() === log.join();

function heard(state: ChatState, event: Exclude<ChatEvent, { kind: "key" }>): Step<ChatState> {
  switch (event.kind) {
    case "resized":
      return still({ ...state, columns: event.columns, rows: event.rows });
    case "conversations": {
      const next = { ...state, conversations: event.conversations };
      return openView(next) === undefined ? openFirst(next) : still(next, ...readEffects(next));
    }
    case "messages": {
      if (!isOpen(state, event.log)) return still(state);
      const latest = openView(state)?.last;
      const isLatest = latest === undefined || event.messages.some((message) => keyOf(message) === keyOf(latest));
      const next = { ...state, messages: event.messages, before: isLatest ? undefined : state.before };
      return still(next, ...readEffects(next));
    }
    case "draft":
      return isOpen(state, event.log) && textOf(state.editor) === ""
        ? still({ ...state, editor: editorOf(event.text), replyTo: state.replyTo ?? event.replyTo })
        : still(state);
    case "found":
      return still(state.mode === "search" ? { ...state, results: event.results, chosen: 0 } : state);
    case "typing":
      return still(isOpen(state, event.log) ? { ...state, typing: event.names } : state);
    case "connection":
      return still({ ...state, isOnline: event.isOnline });
    case "opened":
      return opened(state, event.log);
    case "notice":
      return still({ ...state, notice: { text: event.text, isError: event.isError } });
    case "time":
      return still({ ...state, now: event.now, notice: undefined });
  }
}

/** What a fast typist, or a slow line, sends at once: each character is a key of its own where keys do something. */
function keyByKey(state: ChatState, text: string): Step<ChatState> {
  let step = still(state);
  for (const part of graphemes(text)) {
    const next = keyed(step.state, { kind: "text", text: part });
    step = { state: next.state, effects: [...step.effects, ...next.effects] };
  }
  return step;
}

export function reduce(state: ChatState, event: ChatEvent): Step<ChatState> {
  if (event.kind !== "key") return heard(state, event);
  const { key } = event;
  const isWriting = state.mode === "write" || state.mode === "search";
  return key.kind === "text" && !isWriting ? keyByKey(state, key.text) : keyed(state, key);
}
