/** Keys while one searches. */
import { equalBytes } from "@sotto/protocol";
import { edited, EMPTY, insert, textOf } from "../editor.ts";
import type { Step } from "../events.ts";
import type { Key } from "../keys.ts";
import { type ChatState, keyOf } from "../state.ts";
import { opened, still } from "./moves.ts";

/** So many messages after a found one are shown with it. */
const AFTER = 30;

const IMPORTED = { text: "That is from an import, and not in a conversation that goes on here.", isError: true };

function typed(state: ChatState, query: ChatState["query"]): Step<ChatState> {
  const text = textOf(query).trim();
  const next: ChatState = { ...state, query, chosen: 0, ...(text === "" ? { results: [] } : {}) };
  return text === "" ? still(next) : still(next, { do: "search", text });
}

function jump(state: ChatState): Step<ChatState> {
  const found = state.results[state.chosen];
  if (found === undefined) return still(state);
  const isHere = state.conversations.some(({ log }) => equalBytes(log, found.log));
  if (!isHere) return still({ ...state, mode: "write", query: EMPTY, results: [], notice: IMPORTED });
  const { state: next, effects } = opened(state, found.log, found.seq === undefined ? undefined : found.seq + AFTER);
  return { state: { ...next, mode: "select", selected: keyOf(found), query: EMPTY, results: [] }, effects };
}

export function searchKey(state: ChatState, key: Key): Step<ChatState> {
  if (key.kind === "report") return still(state);
  if (key.kind !== "key") return typed(state, insert(state.query, key.text.replaceAll("\n", " ")));
  const last = Math.max(0, state.results.length - 1);
  switch (key.name) {
    case "escape":
    case "ctrl-f":
      return still({ ...state, mode: "write", query: EMPTY, results: [] });
    case "enter":
      return jump(state);
    case "up":
      return still({ ...state, chosen: Math.max(0, state.chosen - 1) });
    case "down":
      return still({ ...state, chosen: Math.min(last, state.chosen + 1) });
    default: {
      const query = edited(state.query, key.name);
      if (query === undefined) return still(state);
      return textOf(query) === textOf(state.query) ? still({ ...state, query }) : typed(state, query);
    }
  }
}
