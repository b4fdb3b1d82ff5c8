/** The whole screen: list, heading, timeline, status, composer, hints. As many lines as the terminal has rows, each as wide as it. */
import { type ConversationView, sentenceOf } from "@sotto/client";
import { conversationName } from "../../show.ts";
import { durationWords } from "../../show/time.ts";
import { isOwn, quotedWords, unreachedWords } from "../../show/words.ts";
import { safeLine } from "../../terminal/safe-text.ts";
import { cellWidth } from "../../terminal/width.ts";
import { laidOut } from "../editor.ts";
import { QUICK_REACTIONS } from "../reduce/select.ts";
import { type ChatState, listColumns, openView, selectedMessage } from "../state.ts";
import { helpLines, searchLines } from "./overlay.ts";
import { sidebarLines } from "./sidebar.ts";
import { blank, fitLine, type Line, span, spread } from "./spans.ts";
import { visibleRows } from "./timeline.ts";

export type Screen = { readonly lines: readonly Line[]; readonly cursor: { readonly row: number; readonly column: number } | undefined };

const COMPOSER_ROWS_MAX = 6;
const PROMPT = "> ";
/** A smaller terminal gets one sentence. */
const COLUMNS_MIN = 24;
const ROWS_MIN = 8;

const STATUS_WORDS: Readonly<Record<ConversationView["status"], string>> = {
  active: "",
  request: "request",
  leaving: "leaving, when the next member is online",
  left: "you are not in it any more",
};

function details({ kind, status, timerSeconds, isMuted, trouble, undelivered }: ConversationView): string {
  const notes = [
    STATUS_WORDS[status],
    timerSeconds > 0 ? `disappears ${durationWords(timerSeconds)} after reading` : "",
    isMuted ? "muted" : "",
    trouble === undefined ? "" : sentenceOf(trouble),
    ...unreachedWords({ undelivered }),
  ].filter((note) => note !== "");
  return notes.length === 0 ? (kind === "group" ? "group" : "") : notes.join(", ");
}

function heading(state: ChatState, width: number): Line {
  const view = openView(state);
  const connection: Line = [span(state.isOnline ? " online " : " no connection ", state.isOnline ? "dim" : "error")];
  if (state.mode === "search") return spread([span(" Search", "bold")], connection, width);
  if (state.mode === "help") return spread([span(" Help", "bold")], connection, width);
  if (view === undefined) return spread([span(" Sotto", "bold")], connection, width);
  return spread([span(` ${conversationName(view)}`, "bold"), span(`  ${details(view)}`, "dim")], connection, width);
}

function statusLine(state: ChatState, below: number): Line {
  const { notice, typing, replyTo, editing, mode } = state;
  if (notice !== undefined && notice.text !== "") return [span(` ${safeLine(notice.text)}`, notice.isError ? "error" : "accent")];
  if (mode === "delete") return [span(" Take this message back, for everyone? y / n", "accent")];
  if (mode === "react") return [span(` React: ${QUICK_REACTIONS}, or type one and press Enter`, "accent")];
  if (editing !== undefined) return [span(" Changing a message; Escape keeps it as it was", "accent")];
  if (replyTo !== undefined) return [span(` Answering ${quotedWords(replyTo)}`, "accent")];
  if (state.before !== undefined) return [span(" Older messages. Escape goes to the latest.", "dim")];
  if (below > 0) return [span(` ↓ ${below} more line${below === 1 ? "" : "s"} below`, "dim")];
  if (typing.length === 0) return blank;
  const names = typing
    .map((name) => (name === "" ? "Somebody" : `@${safeLine(name)}`))
    .slice(0, 3)
    .join(", ");
  return [span(` ${names} ${typing.length === 1 ? "is" : "are"} typing…`, "dim")];
}

function hints(state: ChatState): readonly string[] {
  switch (state.mode) {
    case "select": {
      const message = selectedMessage(state);
      const files = message !== undefined && message.attachments.length > 0 ? ["s save"] : [];
      const own = message !== undefined && isOwn(message, state.me) ? ["e change", "d take back"] : [];
      return ["Esc leave", "r answer", "+ react", ...own, ...files];
    }
    case "search":
      return ["↑ ↓ choose", "Enter go there", "Esc leave"];
    case "help":
      return ["↑ ↓ scroll", "any other key goes back"];
    case "react":
    case "delete":
      return ["Esc leave"];
    case "write":
      if (openView(state)?.status === "request") return ["/accept or /decline, or just answer", "? help"];
      return ["? help", "↑ choose", "Ctrl-N next", "Ctrl-F search", "Alt-Enter new line", "Tab list", "Ctrl-C quit"];
  }
}

/** As many as there is room for. */
function hintLine(state: ChatState, width: number): Line {
  let text = "";
  for (const hint of hints(state)) {
    const longer = `${text === "" ? " " : `${text}   `}${hint}`;
    if (cellWidth(longer) <= width) text = longer;
  }
  return [span(text, "dim")];
}

type Composer = { readonly lines: readonly Line[]; readonly row: number; readonly column: number };

function composer(state: ChatState, width: number): Composer {
  const isAsking = state.mode === "search" || state.mode === "react";
  const { lines, row, column } = laidOut(isAsking ? state.query : state.editor, width - PROMPT.length);
  const first = Math.max(0, Math.min(row - COMPOSER_ROWS_MAX + 1, lines.length - COMPOSER_ROWS_MAX));
  const shown = lines.slice(first, first + COMPOSER_ROWS_MAX);
  const prompt = state.mode === "search" ? "/ " : PROMPT;
  const isEmpty = shown.length === 1 && shown[0] === "" && state.mode === "write";
  const view = openView(state);
  const ghost = view === undefined ? "" : `Write to ${conversationName(view)}`;
  return {
    lines: shown.map((text, index) => [span(first + index === 0 ? prompt : "  ", "accent"), isEmpty ? span(ghost, "dim") : span(text)]),
    row: row - first,
    column: column + PROMPT.length,
  };
}

function body(
  state: ChatState,
  size: { readonly width: number; readonly height: number },
): { readonly lines: readonly Line[]; readonly below: number } {
  if (state.mode === "search") return { lines: searchLines(state, size), below: 0 };
  if (state.mode === "help") return { lines: helpLines(size, state.chosen), below: 0 };
  const { rows, below } = visibleRows(state, size);
  const lines = rows.map(({ line }) => line);
  // A short conversation stands at the bottom, where one writes.
  return { lines: [...Array.from({ length: Math.max(0, size.height - lines.length) }, () => blank), ...lines], below };
}

export function screenOf(state: ChatState): Screen {
  const { columns, rows } = state;
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) return { lines: [fitLine([span("Make the window larger.")], columns)], cursor: undefined };
  const list = state.mode === "help" ? 0 : listColumns(state);
  const width = columns - (list === 0 ? 0 : list + 1);
  const writing = composer(state, width);
  const height = rows - 4 - writing.lines.length;
  const { lines, below } = body(state, { width, height });
  const main: Line[] = [
    heading(state, width),
    [span("─".repeat(width), "rule")],
    ...Array.from({ length: height }, (_, i) => lines[i] ?? blank),
    statusLine(state, below),
    ...writing.lines,
    hintLine(state, width),
  ];
  const side = list === 0 ? [] : sideLines(state, list);
  const whole = main.map((line, index): Line => {
    const fitted = fitLine(line, width);
    return list === 0 ? fitted : [...fitLine(side[index] ?? blank, list), span("│", "rule"), ...fitted];
  });
  const isTyping = state.mode !== "select" && state.mode !== "delete" && state.mode !== "help";
  const row = 3 + height + writing.row;
  const column = (list === 0 ? 0 : list + 1) + writing.column;
  return { lines: whole, cursor: isTyping ? { row, column } : undefined };
}

function sideLines(state: ChatState, width: number): Line[] {
  const { ownName } = state.me;
  const unread = state.conversations.filter(({ unread: count, isMuted }) => count > 0 && !isMuted).length;
  const head = spread([span(` @${safeLine(ownName)}`, "bold")], unread === 0 ? blank : [span(` ${unread} new `, "accent")], width);
  return [head, [span("─".repeat(width), "rule")], ...sidebarLines(state, { width, height: state.rows - 2 })];
}
