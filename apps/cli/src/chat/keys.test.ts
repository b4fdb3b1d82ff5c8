import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Key, KeyReader, PASTE_CHARACTERS_MAX } from "./keys.ts";

const ESC = "\u001b";
const name = (key: Key): string => (key.kind === "key" ? key.name : `${key.kind} ${key.text}`);
const read = (...chunks: readonly string[]): string[] => {
  const reader = new KeyReader();
  return [...chunks.flatMap((chunk) => reader.read(chunk)), ...reader.flush()].map(name);
};

test("text, controls and the keys of the cursor", () => {
  expect(read("hé👍")).toEqual(["text hé👍"]);
  expect(read("\r\u007f\u0006\t\n")).toEqual(["enter", "backspace", "ctrl-f", "tab", "ctrl-j"]);
  expect(read(`${ESC}[A${ESC}[1;5C${ESC}[5~${ESC}OP${ESC}[Z`)).toEqual(["up", "ctrl-right", "pageup", "f1", "shift-tab"]);
  expect(read(`${ESC}1${ESC}\r${ESC}b`)).toEqual(["alt-1", "alt-enter", "alt-b"]);
});

test("Escape is told from what begins with it", () => {
  expect(read(ESC)).toEqual(["escape"]);
  expect(read(ESC, "[A")).toEqual(["up"]);
  expect(read(`${ESC}${ESC}[A`)).toEqual(["escape", "up"]);
  expect(read(`${ESC}[999X`, "a")).toEqual(["text a"]);
});

test("pasted text is no key, wherever it is cut, and has an end", () => {
  expect(read(`${ESC}[200~a\r\nq${ESC}[31m`, `x${ESC}[20`, "1~y")).toEqual([`paste a\nq${ESC}[31mx`, "text y"]);
  expect(read(`${ESC}[200~${"x".repeat(PASTE_CHARACTERS_MAX + 10)}${ESC}[201~`)[0]).toHaveLength("paste ".length + PASTE_CHARACTERS_MAX);
});

test("what the terminal says of its colours is no key", () => {
  expect(read(`${ESC}]11;rgb:1e1e/1e1e/1e1e${ESC}\\a`)).toEqual(["report 11;rgb:1e1e/1e1e/1e1e", "text a"]);
});

test("anything is read to its end, however it is cut, and gives the same", () => {
  const piece = fc.constantFrom("a", "日", ESC, "[", "A", "~", "1", ";", "O", "]", "\u0007", `${ESC}[200~`, `${ESC}[201~`, "\r", "\u0000");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(40), (pieces, at) => {
      const text = pieces.join("");
      const shown = (keys: readonly string[]): string => keys.join("").replaceAll("text ", "");
      expect(shown(read(text.slice(0, at), text.slice(at)))).toBe(shown(read(text)));
    }),
  );
});
