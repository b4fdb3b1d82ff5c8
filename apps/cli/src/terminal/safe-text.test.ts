import * as fc from "fast-check";
import { expect, test } from "vitest";
import { safeJson, safeLine, safeText } from "./safe-text.ts";

const ESC = "\u001b";

test("escape sequences, bells and carriage returns do nothing", () => {
  expect(safeText(`${ESC}[2J${ESC}]0;title\u0007 ok\r\rover`)).toBe("\ufffd[2J\ufffd]0;title\ufffd ok\ufffd\ufffdover");
  expect(safeText("\u009b31mred")).toBe("\ufffd31mred");
});

test("bidirectional overrides and isolates are gone, text of both directions stays", () => {
  expect(safeText("invoice\u202egpj.exe")).toBe("invoicegpj.exe");
  expect(safeText("\u2066a\u2069 \u05e9\u05dc\u05d5\u05dd")).toBe("a \u05e9\u05dc\u05d5\u05dd");
});

test("emoji that are joined stay joined, heaps of marks do not spill", () => {
  expect(safeText("👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿")).toBe("👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿");
  expect(safeText(`e${"\u0301".repeat(100)}`)).toBe(`e${"\u0301".repeat(8)}`);
});

test("a name has one line", () => {
  expect(safeLine(" Ada\n\n12:00 bob: yes\u2028x ")).toBe("Ada 12:00 bob: yes x");
});

test("no text brings a control or format character through", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(safeText(text)).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
      expect(safeLine(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test("JSON says the same, in characters that no terminal obeys", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = safeJson({ text });
      expect(json).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069\u2028]/u);
      expect(JSON.parse(json)).toEqual({ text: JSON.parse(JSON.stringify(text)) });
    }),
  );
});
