/** Keys while one writes. */
import { edited, type Editor, EMPTY, insert, textOf } from "../editor.ts";
import type { ChatEffect, Step } from "../events.ts";
import type { Key } from "../keys.ts";
import { type ChatState, openView, selectedMessage } from "../state.ts";
import { neighbour, nextUnread, nth, opened, scrolled, still } from "./moves.ts";
import { selectStep } from "./select.ts";

/** A slash at the beginning names a command, two say that it does not. */
function submit(state: ChatState): Step<ChatState> {
  const text = textOf(state.editor).trim();
  const { open, editing, replyTo } = state;
  if (text === "") return still(state);
  const clean: ChatState = { ...state, editor: EMPTY, replyTo: undefined, editing: undefined, scroll: 0, notice: undefined };
  if (editing?.messageId !== undefined) return still(clean, { do: "edit", log: editing.log, id: editing.messageId, text });
  if (text.startsWith("/") && !text.startsWith("//")) {
    return still({ ...clean, replyTo }, { do: "command", words: text.slice(1).split(/\s+/), log: open });
  }
  if (open === undefined)
    return still({ ...state, notice: { text: "Choose a conversation first: Ctrl-N, or /new @name.", isError: true } });
  const sent: ChatEffect = { do: "send", log: open, text: text.replace(/^\/\//, "/"), replyTo: replyTo?.messageId };
  if (state.before === undefined) return still(clean, sent);
  const back = opened(clean, open);
  return { state: back.state, effects: [sent, ...back.effects] };
}

function typed(state: ChatState, editor: Editor): Step<ChatState> {
  const next = { ...state, editor, notice: undefined };
  if (state.open === undefined || state.editing !== undefined || openView(state)?.status !== "active") return still(next);
  const text = textOf(editor);
  if (text === textOf(state.editor)) return still(next);
  return still(next, text === "" || text.startsWith("/") ? { do: "stopTyping", log: state.open } : { do: "type", log: state.open });
}

function escaped(state: ChatState): Step<ChatState> {
  if (state.editing !== undefined) return still({ ...state, editing: undefined, editor: EMPTY });
  if (state.replyTo !== undefined) return still({ ...state, replyTo: undefined });
  if (state.before !== undefined && state.open !== undefined) return opened(state, state.open);
  return still({ ...state, scroll: 0, notice: undefined });
}

const MOVES: Readonly<Record<string, (state: ChatState) => Step<ChatState>>> = {
  enter: submit,
  escape: escaped,
  "ctrl-n": (state) => neighbour(state, 1),
  "ctrl-p": (state) => neighbour(state, -1),
  "alt-down": (state) => neighbour(state, 1),
  "alt-up": (state) => neighbour(state, -1),
  "alt-a": nextUnread,
  pageup: (state) => scrolled(state, Math.max(1, state.rows - 8)),
  pagedown: (state) => scrolled(state, -Math.max(1, state.rows - 8)),
  "ctrl-end": (state) =>
    state.open === undefined || state.before === undefined ? still({ ...state, scroll: 0 }) : opened(state, state.open),
};

/** In an empty composer, or on its first line, Up goes to the messages. */
function isAtTop({ editor }: ChatState): boolean {
  return !editor.parts.slice(0, editor.cursor).includes("\n") && editor.cursor === 0;
}

export function writeKey(state: ChatState, key: Key): Step<ChatState> {
  if (key.kind === "report") return still(state);
  if (key.kind === "paste") return typed(state, insert(state.editor, key.text));
  if (key.kind === "text") {
    const isHelp = key.text === "?" && state.editor.parts.length === 0;
    return isHelp ? still({ ...state, mode: "help", chosen: 0 }) : typed(state, insert(state.editor, key.text));
  }
  const place = /^alt-([1-9])$/.exec(key.name)?.[1];
  if (place !== undefined) return nth(state, Number(place));
  if (key.name === "ctrl-up" || (key.name === "up" && isAtTop(state))) {
    return selectStep({ ...state, selected: selectedMessage(state) && state.selected }, -1);
  }
  const move = MOVES[key.name];
  if (move !== undefined) return move(state);
  const editor = edited(state.editor, key.name);
  return editor === undefined ? still(state) : typed(state, editor);
}
