/** Keys while a message is selected: what is done to it. */
import type { MessageView } from "@sotto/client";
import { isOwn, withNames } from "../../show/words.ts";
import { EMPTY, edited, editorOf, insert, textOf } from "../editor.ts";
import type { Step } from "../events.ts";
import type { Key } from "../keys.ts";
import { type ChatState, keyOf, selectedMessage } from "../state.ts";
import { scrolled, still } from "./moves.ts";

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const isWritten = ({ kind, messageId }: MessageView): boolean => (kind === "text" || kind === "poll") && messageId !== undefined;

export function selectStep(state: ChatState, step: number): Step<ChatState> {
  const shown = state.messages.filter(({ kind }) => kind !== "system");
  const at = shown.findIndex((message) => keyOf(message) === state.selected);
  const next = at === -1 ? shown.length - 1 : Math.min(Math.max(at + step, 0), shown.length);
  const message = shown[next];
  if (message === undefined) return still({ ...state, mode: "write", selected: undefined, scroll: 0 });
  const selecting: ChatState = { ...state, mode: "select", selected: keyOf(message) };
  return next === 0 && step < 0 ? scrolled(selecting, 1) : still(selecting);
}

const left = (state: ChatState): ChatState => ({ ...state, mode: "write", selected: undefined });
const refused = (state: ChatState, text: string): Step<ChatState> => still({ ...state, notice: { text, isError: true } });

function begin(state: ChatState, message: MessageView, action: string): Step<ChatState> {
  const own = isOwn(message, state.me);
  switch (action) {
    case "r":
      return isWritten(message)
        ? still({ ...left(state), replyTo: message, editing: undefined })
        : refused(state, "That cannot be answered.");
    case "e":
      if (!own || message.kind !== "text" || message.messageId === undefined)
        return refused(state, "You can change your own texts, once they are sent.");
      return still({ ...left(state), editing: message, replyTo: undefined, editor: editorOf(withNames(message)) });
    case "d":
      if (!own || message.messageId === undefined) return refused(state, "You can take back your own messages, once they are sent.");
      return still({ ...state, mode: "delete" });
    case "+":
      return isWritten(message) ? still({ ...state, mode: "react", query: EMPTY }) : refused(state, "That cannot be reacted to.");
    case "s":
      return message.attachments.length === 0 ? refused(state, "It has no files.") : still(left(state), { do: "save", message });
    default:
      return still(state);
  }
}

export function selectKey(state: ChatState, key: Key): Step<ChatState> {
  const message = selectedMessage(state);
  if (message === undefined) return still(left(state));
  const name = key.kind === "key" ? key.name : key.kind === "text" ? key.text : "";
  switch (name) {
    case "up":
    case "k":
      return selectStep(state, -1);
    case "down":
    case "j":
      return selectStep(state, 1);
    case "pageup":
      return selectStep(state, -10);
    case "pagedown":
      return selectStep(state, 10);
    case "escape":
    case "q":
      return still({ ...left(state), scroll: 0 });
    case "enter":
      return begin(state, message, "r");
    case "delete":
      return begin(state, message, "d");
    default:
      return begin(state, message, name);
  }
}

/** A question about the selected message: which reaction, or whether to take it back. */
export function askKey(state: ChatState, key: Key): Step<ChatState> {
  const message = selectedMessage(state);
  const id = message?.messageId;
  if (message === undefined || id === undefined || (key.kind === "key" && key.name === "escape"))
    return still({ ...state, mode: "select" });
  if (state.mode === "delete") {
    const isSure = key.kind === "text" && key.text.toLowerCase() === "y";
    return isSure ? still(left(state), { do: "delete", log: message.log, id }) : still({ ...state, mode: "select" });
  }
  if (key.kind === "key" && key.name === "enter") {
    const emoji = textOf(state.query).trim();
    return emoji === "" ? still({ ...state, mode: "select" }) : still(left(state), { do: "react", log: message.log, id, emoji });
  }
  if (key.kind === "key") return still({ ...state, query: edited(state.query, key.name) ?? state.query });
  if (key.kind === "report") return still(state);
  const quick = QUICK[Number(key.text) - 1];
  if (quick !== undefined && state.query.parts.length === 0) return still(left(state), { do: "react", log: message.log, id, emoji: quick });
  return still({ ...state, query: insert(state.query, key.text) });
}

export const QUICK_REACTIONS = QUICK.map((emoji, index) => `${index + 1} ${emoji}`).join("  ");
