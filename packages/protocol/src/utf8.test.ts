import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8, isUtf8, isWellFormedText, utf8Length } from "@sotto/protocol";

const platform = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function platformDecode(bytes: Uint8Array): string | undefined {
  try {
    return platform.decode(bytes);
  } catch {
    return undefined;
  }
}

test("agrees with the platform on every text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = encodeUtf8(text);
      expect(bytes).toEqual(new TextEncoder().encode(text));
      expect(utf8Length(text)).toBe(bytes.length);
      expect(decodeUtf8(bytes)).toBe(text);
    }),
  );
});

test("agrees with the platform on all bytes", () => {
  const nearText = fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), nearText.map(Uint8Array.from.bind(Uint8Array))), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(platformDecode(bytes));
      expect(isUtf8(bytes)).toBe(platformDecode(bytes) !== undefined);
    }),
    { numRuns: 3_000 },
  );
});

test("keeps a byte order mark and long texts", () => {
  const text = `\uFEFF${"é👋".repeat(5_000)}`;
  expect(decodeUtf8(encodeUtf8(text))).toBe(text);
});

test("finds lone surrogates", () => {
  expect(isWellFormedText("a👋b")).toBe(true);
  for (const text of ["\uD83D", "a\uDC4B", "\uD83Da", "\uDC4B\uD83D"]) expect(isWellFormedText(text)).toBe(false);
});
