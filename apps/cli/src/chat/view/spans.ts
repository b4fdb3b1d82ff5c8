/** Lines of a screen as pieces of text with a style each. What a style looks like is decided when it is painted. */
import { cellWidth, cut } from "../../terminal/width.ts";

export type Style =
  "plain" | "dim" | "bold" | "accent" | "error" | "reverse" | "rule" | "name0" | "name1" | "name2" | "name3" | "name4" | "name5";

export type Span = { readonly text: string; readonly style: Style };
export type Line = readonly Span[];

export const span = (text: string, style: Style = "plain"): Span => ({ text, style });
export const blank: Line = [];

function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellWidth(text), 0);
}

/** Exactly so wide: cut, or filled with spaces. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    if (left <= 0) break;
    const kept = cut(text, left);
    fitted.push({ text: kept, style });
    left -= cellWidth(kept);
    if (kept !== text) break;
  }
  return left > 0 ? [...fitted, span(" ".repeat(left))] : fitted;
}

/** Left and right on one line; the right one is kept whole as long as it fits. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room < 4 ? fitLine(left, width) : [...fitLine(left, room), ...right];
}

export function restyled(line: Line, style: Style): Line {
  return line.map(({ text }) => ({ text, style }));
}
