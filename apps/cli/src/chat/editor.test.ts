import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cellWidth } from "../terminal/width.ts";
import { edited, editorOf, EMPTY, insert, laidOut, textOf } from "./editor.ts";

/** The text with a bar where the cursor is. */
function after(text: string, ...keys: readonly string[]): string {
  let editor = editorOf(text);
  for (const key of keys) editor = edited(editor, key) ?? editor;
  return [...editor.parts.slice(0, editor.cursor), "|", ...editor.parts.slice(editor.cursor)].join("");
}

test("what people see as one character is one step and one deletion", () => {
  expect(after("a👩‍💻b", "left", "left")).toBe("a|👩‍💻b");
  expect(after("a👩‍💻", "backspace")).toBe("a|");
  expect(textOf(insert(editorOf("e"), "\u0301"))).toBe("e\u0301");
  expect(after("e\u0301", "backspace")).toBe("|");
});

test("words and lines", () => {
  expect(after("one two  ", "ctrl-w")).toBe("one |");
  expect(after("one\ntwo", "ctrl-u")).toBe("one\n|");
  expect(after("one\ntwo", "up", "ctrl-k")).toBe("one|\ntwo");
  expect(after("one\ntwo", "home", "up", "down", "end")).toBe("one\ntwo|");
  expect(after("long line\nx", "up")).toBe("l|ong line\nx");
  expect(after("a", "alt-enter")).toBe("a\n|");
  expect(after("one two", "ctrl-left", "ctrl-left", "ctrl-right")).toBe("one| two");
});

test("lines fit, and the cursor is where the next character comes", () => {
  expect(laidOut(editorOf("abcdef"), 4)).toEqual({ lines: ["abc", "def"], row: 1, column: 3 });
  expect(laidOut(editorOf("日本"), 4)).toEqual({ lines: ["日", "本"], row: 1, column: 2 });
  expect(laidOut(EMPTY, 4)).toEqual({ lines: [""], row: 0, column: 0 });
  expect(laidOut(editorOf("a\n"), 4)).toEqual({ lines: ["a", ""], row: 1, column: 0 });
});

test("any keys keep the cursor in the text, and every line within its width", () => {
  const keys = [
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "backspace",
    "delete",
    "ctrl-w",
    "ctrl-u",
    "ctrl-k",
    "alt-enter",
    "ctrl-left",
    "ctrl-right",
  ];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", "日", "\n", "👍") }), fc.array(fc.constantFrom(...keys)), (text, typed) => {
      let editor = editorOf(text);
      for (const key of typed) editor = insert(edited(editor, key) ?? editor, "x");
      expect(editor.cursor).toBeGreaterThanOrEqual(0);
      expect(editor.cursor).toBeLessThanOrEqual(editor.parts.length);
      const { lines, row, column } = laidOut(editor, 10);
      for (const line of lines) expect(cellWidth(line)).toBeLessThan(10);
      expect(lines[row]).toBeDefined();
      expect(column).toBeLessThan(10);
    }),
  );
});
