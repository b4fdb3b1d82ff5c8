/** A text that is being written, and the cursor in it: pure steps from one to the next. Positions count what people see as characters. */
import { cellWidth, graphemes } from "../terminal/width.ts";

export type Editor = { readonly parts: readonly string[]; readonly cursor: number };

export const EMPTY: Editor = { parts: [], cursor: 0 };

export function editorOf(text: string): Editor {
  const parts = graphemes(text);
  return { parts, cursor: parts.length };
}

export function textOf({ parts }: Editor): string {
  return parts.join("");
}

/** Characters that join with their neighbours, as marks do, become one with them. */
export function insert({ parts, cursor }: Editor, text: string): Editor {
  const before = parts.slice(0, cursor).join("") + text;
  const after = parts.slice(cursor).join("");
  return { parts: graphemes(before + after), cursor: Math.min(graphemes(before).length, graphemes(before + after).length) };
}

function removed({ parts }: Editor, from: number, to: number): Editor {
  return { parts: [...parts.slice(0, from), ...parts.slice(to)], cursor: from };
}

const lineStart = ({ parts, cursor }: Editor): number => (cursor === 0 ? 0 : parts.lastIndexOf("\n", cursor - 1) + 1);

function lineEnd({ parts, cursor }: Editor): number {
  const end = parts.indexOf("\n", cursor);
  return end === -1 ? parts.length : end;
}

const isSpace = (part: string | undefined): boolean => part !== undefined && /^\s/.test(part);

function wordStart({ parts, cursor }: Editor): number {
  let at = cursor;
  while (at > 0 && isSpace(parts[at - 1])) at--;
  while (at > 0 && !isSpace(parts[at - 1])) at--;
  return at;
}

function wordEnd({ parts, cursor }: Editor): number {
  let at = cursor;
  while (at < parts.length && isSpace(parts[at])) at++;
  while (at < parts.length && !isSpace(parts[at])) at++;
  return at;
}

/** The position on the line above or below, in the same column; the same if there is no such line. */
function otherLine(editor: Editor, step: -1 | 1): number {
  const { parts, cursor } = editor;
  const start = lineStart(editor);
  const column = cursor - start;
  if (step === -1) return start === 0 ? cursor : Math.min(lineStart({ parts, cursor: start - 1 }) + column, start - 1);
  const end = lineEnd(editor);
  return end === parts.length ? cursor : Math.min(end + 1 + column, lineEnd({ parts, cursor: end + 1 }));
}

const STEPS: Readonly<Record<string, (editor: Editor) => Editor>> = {
  left: (editor) => ({ ...editor, cursor: Math.max(0, editor.cursor - 1) }),
  right: (editor) => ({ ...editor, cursor: Math.min(editor.parts.length, editor.cursor + 1) }),
  up: (editor) => ({ ...editor, cursor: otherLine(editor, -1) }),
  down: (editor) => ({ ...editor, cursor: otherLine(editor, 1) }),
  home: (editor) => ({ ...editor, cursor: lineStart(editor) }),
  end: (editor) => ({ ...editor, cursor: lineEnd(editor) }),
  "ctrl-left": (editor) => ({ ...editor, cursor: wordStart(editor) }),
  "ctrl-right": (editor) => ({ ...editor, cursor: wordEnd(editor) }),
  backspace: (editor) => (editor.cursor === 0 ? editor : removed(editor, editor.cursor - 1, editor.cursor)),
  delete: (editor) => removed(editor, editor.cursor, Math.min(editor.parts.length, editor.cursor + 1)),
  "ctrl-w": (editor) => removed(editor, wordStart(editor), editor.cursor),
  "ctrl-u": (editor) => removed(editor, lineStart(editor), editor.cursor),
  "ctrl-k": (editor) => removed(editor, editor.cursor, lineEnd(editor)),
  "alt-enter": (editor) => insert(editor, "\n"),
};
const SAME: Readonly<Record<string, string>> = {
  "ctrl-b": "left",
  "ctrl-a": "home",
  "ctrl-e": "end",
  "alt-b": "ctrl-left",
  "alt-f": "ctrl-right",
  "alt-left": "ctrl-left",
  "alt-right": "ctrl-right",
  "alt-backspace": "ctrl-w",
  "ctrl-d": "delete",
  "ctrl-j": "alt-enter",
  "shift-enter": "alt-enter",
};

/** The editor after a key; undefined if the key does nothing to a text. */
export function edited(editor: Editor, key: string): Editor | undefined {
  return STEPS[SAME[key] ?? key]?.(editor);
}

/** Lines as they fit, and the cursor's place among them. */
export function laidOut(
  { parts, cursor }: Editor,
  width: number,
): { readonly lines: readonly string[]; readonly row: number; readonly column: number } {
  const lines = [""];
  let [used, row, column] = [0, 0, 0];
  for (const [index, part] of [...parts, ""].entries()) {
    const wide = part === "\n" ? 0 : cellWidth(part);
    if (used + wide > width - 1 && part !== "\n") {
      lines.push("");
      used = 0;
    }
    if (index === cursor) [row, column] = [lines.length - 1, used];
    if (part === "\n") {
      lines.push("");
      used = 0;
    } else {
      lines[lines.length - 1] += part;
      used += wide;
    }
  }
  return { lines, row, column };
}
