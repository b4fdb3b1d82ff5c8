/** Names and media types of files, as a hostile sender may choose them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Length } from "@sotto/protocol";
import { safeMediaType, safeName } from "@sotto/client";

describe("a name somebody chose", () => {
  test.each([
    ["holiday.jpg", "holiday.jpg"],
    ["Grüße 👋.txt", "Grüße 👋.txt"],
    ["a\u0308.txt", "ä.txt"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Windows\\win.ini", "win.ini"],
    ["/", "file"],
    ["..", "file"],
    ["", "file"],
    ["\u0000\u0007", "file"],
    ["in\u0000voice\n.pdf", "invoice.pdf"],
    ["photo\u202Egpj.exe", "photogpj.exe"],
    ["\u2066\u200Bname\u2069.txt", "name.txt"],
    ["\u001b[31mred.txt", "[31mred.txt"],
    [".bashrc", "bashrc"],
    ["name. . ", "name"],
    ["-rf", "_rf"],
    [". -rf", "_rf"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["COM1 .txt", "_COM1 .txt"],
    ["console.txt", "console.txt"],
    ['what?<is>:this|*".txt', "what__is__this___.txt"],
  ])("%j is saved as %j", (given, name) => {
    expect(safeName(given)).toBe(name);
  });

  test("is cut before a short extension", () => {
    expect(safeName(`${"ä".repeat(300)}.jpeg`)).toBe(`${"ä".repeat(97)}.jpeg`);
    expect(utf8Length(safeName(`a.${"b".repeat(300)}`))).toBe(200);
  });

  test("is one harmless component, and stays as it is a second time", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.stringMatching(/^[-. /\\:conau\u202e]{0,12}$/u),
    );
    const property = fc.property(text, (given) => {
      const name = safeName(given);
      const isHarmless = !/[/\\\p{Cc}\p{Cf}\p{Cs}<>:"|?*]|^[-.\s]|[.\s]$/u.test(name) && name !== "" && utf8Length(name) <= 201;
      return isHarmless && safeName(name) === name;
    });
    expect(fc.check(property, { numRuns: 5_000 })).toMatchObject({ failed: false, counterexample: null });
  });
});

test("a media type is a type and a subtype, or unknown", () => {
  expect(["image/PNG", "text/plain; charset=utf-8", "", "nonsense", "a/b\n", "\u001b[1m/x", "x".repeat(100)].map(safeMediaType)).toEqual([
    "image/png",
    "text/plain",
    "application/octet-stream",
    "application/octet-stream",
    "a/b",
    "application/octet-stream",
    "application/octet-stream",
  ]);
});
