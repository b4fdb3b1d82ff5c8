/** Cutting JSON in pieces: wherever the chunks end, the same values come out as from JSON.parse. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonSplitter, type JsonPiece } from "./json-splitter.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function split(text: string | Uint8Array, chunk = 7, descend: (path: readonly unknown[]) => boolean = () => true): JsonPiece[] {
  const splitter = new JsonSplitter({ descend, pieceBytesMax: 1000, depthMax: 20 });
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const out: JsonPiece[] = [];
  for (let at = 0; at < bytes.length; at += chunk) out.push(...splitter.push(bytes.slice(at, at + chunk)));
  return [...out, ...splitter.finish()];
}

const values = (pieces: readonly JsonPiece[]): unknown[] =>
  pieces.flatMap((piece): unknown[] => (piece.kind === "value" ? [[piece.path, JSON.parse(decoder.decode(piece.bytes))]] : []));

describe("the JSON splitter", () => {
  test("gives the values of the containers that were asked for", () => {
    const text = '\uFEFF {"a": [1, {"b": "x\\"]}"}, null], "c": "é", "d": {"e": []}} ';
    const pieces = split(text, 3, (path) => path.length === 0 || path[0] === "a");
    expect(values(pieces)).toEqual([
      [["a", 0], 1],
      [["a", 1, "b"], 'x"]}'],
      [["a", 2], null],
      [["c"], "é"],
      [["d"], { e: [] }],
    ]);
    expect(pieces.filter(({ kind }) => kind === "problem")).toEqual([]);
  });

  test("any JSON in any chunks is cut as it would be parsed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (list, chunk, isSpaced) => {
          const pieces = split(JSON.stringify(list, null, isSpaced ? 2 : 0), chunk, (path) => path.length === 0);
          const small = list.map((value, index) => [[index], value]);
          const tooLong = pieces.some(({ kind }) => kind === "problem");
          expect(tooLong || values(pieces)).toEqual(tooLong || JSON.parse(JSON.stringify(small)));
        },
      ),
    );
  });

  test("a value that is too long or too deep is left out, and what follows is not", () => {
    const deep = `${"[".repeat(50)}${"]".repeat(50)}`;
    const pieces = split(`["${"x".repeat(2000)}", 1, ${deep}, 2]`, 64, (path) => path.length === 0);
    expect(pieces.flatMap((piece) => (piece.kind === "problem" ? [piece.code] : []))).toEqual(["record_too_long", "json_too_deep"]);
    expect(values(pieces)).toEqual([
      [[1], 1],
      [[3], 2],
    ]);
  });

  test("a cut file gives what is whole, and says where it ends", () => {
    const pieces = split('{"messages": [{"a": 1}, {"b": "cut', 5, (path) => path.length < 2);
    expect(values(pieces)).toEqual([[["messages", 0], { a: 1 }]]);
    expect(pieces.at(-1)).toMatchObject({ kind: "problem", code: "json_truncated", at: 24, path: ["messages", 1] });
  });

  test("no bytes make it throw or hang", () => {
    const alphabet = fc.constantFrom(...Array.from('{}[]"\\,:a1 '));
    const anyText = fc.array(alphabet, { maxLength: 200 }).map((characters) => encoder.encode(characters.join("")));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), anyText), fc.integer({ min: 1, max: 40 }), (bytes, chunk) => {
        expect(split(bytes, chunk).length).toBeLessThanOrEqual(2 * bytes.length + 1);
      }),
    );
  });
});
