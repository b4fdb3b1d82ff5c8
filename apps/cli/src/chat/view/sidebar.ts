/** The list of conversations at the left: requests first, what is new in bold. */
import type { ConversationView } from "@sotto/client";
import { idToText } from "@sotto/protocol";
import { conversationName } from "../../show.ts";
import { briefTime } from "../../show/time.ts";
import { isOwn, preview, senderWords } from "../../show/words.ts";
import { safeLine } from "../../terminal/safe-text.ts";
import { type ChatState, listed } from "../state.ts";
import { blank, fitLine, type Line, restyled, span, spread } from "./spans.ts";

/** From this width on, a conversation has two lines. */
const TWO_LINES_FROM = 30;

function badge({ unread, isMuted, status, draft }: ConversationView): Line {
  const marks = [status === "request" ? "new" : "", draft === "" ? "" : "✎", isMuted ? "·" : "", unread > 0 ? String(unread) : ""];
  const text = marks.filter((mark) => mark !== "").join(" ");
  return text === "" ? blank : [span(` ${text}`, unread > 0 && !isMuted ? "accent" : "dim")];
}

function lastLine(state: ChatState, { last, draft }: ConversationView): string {
  if (draft !== "") return `draft: ${safeLine(draft)}`;
  if (last === undefined) return "";
  return `${isOwn(last, state.me) ? "you" : senderWords(last)}: ${preview(last, state.me)}`;
}

function entry(state: ChatState, view: ConversationView, at: { readonly place: number; readonly width: number }): Line[] {
  const { place, width } = at;
  const isNew = view.unread > 0 && !view.isMuted;
  const number = place <= 9 ? String(place) : " ";
  const name: Line = [span(`${number} `, "dim"), span(`${view.isPinned ? "^" : ""}${conversationName(view)}`, isNew ? "bold" : "plain")];
  const isTwo = width >= TWO_LINES_FROM;
  const time: Line = isTwo ? [span(` ${briefTime(view.updatedAt, state.now)}`, "dim")] : blank;
  const first = spread(name, [...badge(view), ...time], width);
  const lines = isTwo ? [first, fitLine([span("  "), span(lastLine(state, view), "dim")], width)] : [first];
  const isOpen = state.open !== undefined && idToText(state.open) === idToText(view.log);
  return isOpen ? lines.map((line) => restyled(line, "reverse")) : lines;
}

export function sidebarLines(state: ChatState, size: { readonly width: number; readonly height: number }): Line[] {
  const { width, height } = size;
  const list = listed(state);
  const requests = list.filter(({ status }) => status === "request").length;
  const lines: Line[] = [];
  const starts: number[] = [];
  for (const [index, view] of list.entries()) {
    if (index === 0 && requests > 0) lines.push(fitLine([span("Requests", "dim")], width));
    if (index === requests && requests > 0) lines.push(fitLine([span("─".repeat(width), "rule")], width));
    starts.push(lines.length);
    lines.push(...entry(state, view, { place: index + 1, width }));
  }
  if (list.length === 0) lines.push(fitLine([span("No conversations yet.", "dim")], width), fitLine([span("/new @name", "dim")], width));
  const open = list.findIndex(({ log }) => state.open !== undefined && idToText(log) === idToText(state.open));
  const first = Math.max(0, Math.min((starts[open] ?? 0) - Math.floor(height / 2), lines.length - height));
  return lines.slice(first, first + height);
}
