/** What takes the place of the timeline: search, and help. */
import { equalBytes } from "@sotto/protocol";
import { conversationName } from "../../show.ts";
import { briefTime } from "../../show/time.ts";
import { isOwn, messageWords, senderWords } from "../../show/words.ts";
import { safeLine } from "../../terminal/safe-text.ts";
import { textOf } from "../editor.ts";
import { SLASH_HELP } from "../slash.ts";
import type { ChatState } from "../state.ts";
import { blank, fitLine, type Line, restyled, span, spread } from "./spans.ts";

/** Around the first place where the text was found, so that one sees it on one line. */
function around(text: string, query: string, width: number): string {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  return at > width / 2 ? `…${text.slice(Math.max(0, at - Math.floor(width / 3)))}` : text;
}

export function searchLines(state: ChatState, size: { readonly width: number; readonly height: number }): Line[] {
  const { width, height } = size;
  const query = textOf(state.query).trim();
  const { results, chosen } = state;
  const empty = query === "" ? "Type to search all conversations. Any part of a word is found." : "Nothing found.";
  if (results.length === 0) return [blank, fitLine([span(` ${empty}`, "dim")], width)];
  const lines = results.flatMap((message, index): Line[] => {
    const view = state.conversations.find(({ log }) => equalBytes(log, message.log));
    const who = isOwn(message, state.me) ? "you" : senderWords(message);
    const place: Line = [
      span(` ${view === undefined ? safeLine(message.origin?.title ?? "") : conversationName(view)}`, "bold"),
      span(`  ${who}`, "dim"),
    ];
    const head = spread(place, [span(` ${briefTime(message.at, state.now)} `, "dim")], width);
    const text = fitLine([span(`   ${around(safeLine(messageWords(message, state.me)), query, width)}`)], width);
    return index === chosen ? [restyled(head, "reverse"), restyled(text, "reverse")] : [head, text];
  });
  const first = Math.max(0, Math.min(2 * chosen - Math.floor(height / 2), lines.length - height));
  return lines.slice(first, first + height);
}

const KEYS: readonly (readonly [string, string])[] = [
  ["Enter", "send"],
  ["Alt-Enter, Ctrl-J", "another line"],
  ["Ctrl-N, Ctrl-P", "next and previous conversation"],
  ["Alt-1 … Alt-9", "conversation by its place in the list"],
  ["Alt-A", "next conversation with something new"],
  ["Ctrl-O, Tab", "show or hide the list"],
  ["PageUp, PageDown", "back and forth; Escape goes to the end"],
  ["Up", "choose a message, then"],
  ["  r, Enter", "answer it"],
  ["  + or e or d or s", "react; change; take back; save its files"],
  ["  Escape", "leave it"],
  ["Ctrl-F", "search everything"],
  ["Ctrl-W, Ctrl-U, Ctrl-K", "delete a word; to the start; to the end"],
  ["Ctrl-Z, Ctrl-L", "to the shell; draw again"],
  ["Ctrl-C, Ctrl-Q", "quit; what is written stays as a draft"],
];

/** From line `first` on. */
export function helpLines({ width, height }: { readonly width: number; readonly height: number }, first: number): Line[] {
  const keys = KEYS.map(([key, words]): Line => [span(` ${key.padEnd(24)}`, "bold"), span(words)]);
  const commands = SLASH_HELP.map(([usage, words]): Line => [span(` ${usage.padEnd(34)}`, "bold"), span(words)]);
  const isWide = width >= 130;
  const half = Math.floor(width / 2);
  const rows = Math.max(keys.length, commands.length);
  const beside = Array.from({ length: rows }, (_, i): Line => [
    ...fitLine(keys[i] ?? blank, half),
    ...fitLine(commands[i] ?? blank, width - half),
  ]);
  const below = [...keys, blank, ...commands];
  const all = isWide ? beside : below;
  const from = Math.max(0, Math.min(first, all.length - height));
  return all.slice(from, from + height).map((line) => fitLine(line, width));
}
