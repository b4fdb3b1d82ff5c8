/** The messages of a conversation as lines: time, name and text in columns, days between them. */
import { type MessageView, sentenceOf } from "@sotto/client";
import { clockOf, dayOf } from "../../show/time.ts";
import { isOwn, type Me, messageWords, quotedWords, reactionWords, senderWords, STATE_MARKS } from "../../show/words.ts";
import { cellWidth, cut, wrap } from "../../terminal/width.ts";
import { type ChatState, keyOf } from "../state.ts";
import { blank, type Line, restyled, span, type Style } from "./spans.ts";

const CLOCK_CELLS = 5;
const NAME_CELLS_MAX = 14;
/** Messages of one person within this time stand together, with the name once. */
const TOGETHER_MS = 5 * 60_000;
const TEXT_CELLS_MIN = 16;

/** A line of the timeline, and the message it belongs to. */
export type Row = { readonly line: Line; readonly key: string | undefined };

type Layout = { readonly me: Me; readonly width: number; readonly name: number };

const NAME_STYLES: readonly Style[] = ["name0", "name1", "name2", "name3", "name4", "name5"];

/** Each person has a colour that stays. */
function nameStyle(account: Uint8Array): Style {
  return NAME_STYLES[(account[0] ?? 0) % NAME_STYLES.length] ?? "plain";
}

const shownName = (message: MessageView, me: Me): string => (isOwn(message, me) ? "you" : senderWords(message));

function layoutOf({ messages, me }: ChatState, width: number): Layout {
  const longest = messages.reduce((most, message) => Math.max(most, cellWidth(shownName(message, me))), 3);
  const room = Math.max(3, width - CLOCK_CELLS - TEXT_CELLS_MIN - 4);
  return { me, width, name: Math.min(longest, NAME_CELLS_MAX, room) };
}

const padded = (text: string, width: number): string => " ".repeat(Math.max(0, width - cellWidth(text))) + text;

function dayLine(at: number, width: number): Line {
  const words = `── ${dayOf(at)} `;
  return [span(cut(words + "─".repeat(Math.max(0, width - cellWidth(words))), width), "rule")];
}

function textStyle({ kind, state }: MessageView): Style {
  if (state === "failed") return "error";
  return kind === "deleted" || kind === "unknown" || state === "sending" ? "dim" : "plain";
}

function systemLines(message: MessageView, { me, width }: Layout): Line[] {
  const room = Math.max(1, width - CLOCK_CELLS - 4);
  return wrap(messageWords(message, me), room).map((text, index) => [
    span(index === 0 ? ` ${clockOf(message.at)}  ` : " ".repeat(CLOCK_CELLS + 3), "dim"),
    span(text, "dim"),
  ]);
}

type Piece = { readonly text: string; readonly style: Style; readonly hasMark?: boolean };

function pieces(message: MessageView, me: Me): Piece[] {
  const quote = message.quoted === undefined ? [] : [{ text: `│ ${quotedWords(message.quoted)}`, style: "dim" as const }];
  const reactions = message.reactions.length === 0 ? [] : [{ text: reactionWords(message.reactions), style: "accent" as const }];
  const why = message.failure === undefined ? [] : [{ text: sentenceOf(message.failure), style: "dim" as const }];
  return [...quote, { text: messageWords(message, me), style: textStyle(message), hasMark: true }, ...why, ...reactions];
}

/** What stands behind the last line of the text. */
function mark(message: MessageView, me: Me): string {
  if (message.kind === "deleted") return "";
  const edited = message.editedAt === undefined ? "" : "edited";
  const state = isOwn(message, me) ? STATE_MARKS[message.state] : "";
  return [edited, state].filter((text) => text !== "").join(" ");
}

function messageLines(message: MessageView, layout: Layout, isHeaded: boolean): Line[] {
  const { me, width, name } = layout;
  if (message.kind === "system") return systemLines(message, layout);
  const room = Math.max(1, width - CLOCK_CELLS - name - 4);
  const style: Style = isOwn(message, me) ? "bold" : nameStyle(message.sender);
  const head: Line = [
    span(` ${clockOf(message.at)}  `, "dim"),
    span(isHeaded ? padded(cut(shownName(message, me), name), name) : " ".repeat(name), style),
    span(" "),
  ];
  const indent: Line = [span(" ".repeat(CLOCK_CELLS + name + 4))];
  const tail = mark(message, me);
  const lines: Line[] = [];
  for (const { text, style: look, hasMark = false } of pieces(message, me)) {
    const wrapped = look === "dim" && text.startsWith("│") ? [cut(text, room)] : wrap(text, room);
    for (const part of wrapped) lines.push([...(lines.length === 0 ? head : indent), span(part, look)]);
    const last = lines.at(-1);
    if (!hasMark || tail === "" || last === undefined) continue;
    const fits = cellWidth(wrapped.at(-1) ?? "") + cellWidth(tail) + 2 <= room;
    const shown = span(tail, message.state === "failed" ? "error" : "dim");
    if (fits) lines[lines.length - 1] = [...last, span("  "), shown];
    else lines.push([...indent, shown]);
  }
  return lines;
}

function isTogether(before: MessageView | undefined, message: MessageView): boolean {
  if (before === undefined || before.kind === "system" || message.kind === "system") return false;
  const isSame = before.sender.join() === message.sender.join() && dayOf(before.at) === dayOf(message.at);
  return isSame && message.at - before.at < TOGETHER_MS;
}

type Cached = { readonly shape: string; readonly lines: readonly Line[] };
/** A message that did not change is laid out once. */
const cache = new WeakMap<MessageView, Cached>();

function linesOf(message: MessageView, layout: Layout, isHeaded: boolean): readonly Line[] {
  const shape = `${layout.width} ${layout.name} ${isHeaded}`;
  const cached = cache.get(message);
  if (cached?.shape === shape) return cached.lines;
  const lines = messageLines(message, layout, isHeaded);
  cache.set(message, { shape, lines });
  return lines;
}

/** All lines, the oldest first. */
function timelineRows(state: ChatState, width: number): Row[] {
  const layout = layoutOf(state, width);
  const rows: Row[] = [];
  let before: MessageView | undefined;
  for (const message of state.messages) {
    if (before === undefined || dayOf(before.at) !== dayOf(message.at)) {
      if (before !== undefined) rows.push({ line: blank, key: undefined });
      rows.push({ line: dayLine(message.at, width), key: undefined });
    }
    const key = keyOf(message);
    for (const line of linesOf(message, layout, !isTogether(before, message))) rows.push({ line, key });
    before = message;
  }
  return rows;
}

/** The part that is on the screen, with the selected message in it. */
export function visibleRows(
  state: ChatState,
  size: { readonly width: number; readonly height: number },
): { readonly rows: readonly Row[]; readonly below: number } {
  const { width, height } = size;
  const rows = timelineRows(state, width);
  const most = Math.max(0, rows.length - height);
  let scroll = Math.min(state.scroll, most);
  if (state.selected !== undefined) {
    const first = rows.findIndex(({ key }) => key === state.selected);
    const last = rows.findLastIndex(({ key }) => key === state.selected);
    if (first !== -1) {
      scroll = Math.min(scroll, rows.length - 1 - last);
      scroll = Math.max(scroll, rows.length - first - height);
    }
  }
  const end = rows.length - scroll;
  const shown = rows.slice(Math.max(0, end - height), end);
  const marked = shown.map((row) =>
    row.key !== undefined && row.key === state.selected ? { ...row, line: restyled(row.line, "reverse") } : row,
  );
  return { rows: marked, below: scroll };
}
