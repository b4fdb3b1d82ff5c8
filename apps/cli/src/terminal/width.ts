/** Text in cells of a terminal: how wide it is, cut to a width, broken into lines. Wide characters and emoji take two cells. */
import stringWidth from "string-width";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function cellWidth(text: string): number {
  return stringWidth(text);
}

export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The beginning that fits, with "…" if something is left out. */
export function cut(text: string, width: number): string {
  if (width <= 0) return "";
  if (cellWidth(text) <= width) return text;
  let [kept, used] = ["", 0];
  for (const part of graphemes(text)) {
    const wide = cellWidth(part);
    if (used + wide > width - 1) break;
    [kept, used] = [kept + part, used + wide];
  }
  return `${kept}…`;
}

/** Exactly so wide: cut, or filled with spaces. */
export function fit(text: string, width: number): string {
  const kept = cut(text, width);
  return kept + " ".repeat(Math.max(0, width - cellWidth(kept)));
}

/** Breaks one line between words, and inside a word that is longer than a line. Gives at least one line. */
function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let [current, used] = ["", 0];
  for (const word of line.split(/(?<= )/u)) {
    const wide = cellWidth(word.trimEnd());
    if (used > 0 && used + wide > width) {
      lines.push(current.trimEnd());
      [current, used] = ["", 0];
    }
    if (wide <= width) {
      [current, used] = [current + word, used + cellWidth(word)];
      continue;
    }
    for (const part of graphemes(word)) {
      const cells = cellWidth(part);
      if (used > 0 && used + cells > width) {
        lines.push(current);
        [current, used] = ["", 0];
      }
      [current, used] = [current + part, used + cells];
    }
  }
  return [...lines, current.trimEnd()];
}

export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(1, width)));
}
