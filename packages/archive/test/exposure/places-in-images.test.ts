/** Where pictures were taken: found, taken out again, and never a reason to fail. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findInFile, stripLocation } from "@sotto/archive";
import { exifBlock, jpegWithPlace } from "@sotto/archive/testing";

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const chunk = (type: string, data: Uint8Array | readonly number[]): number[] => [
  0,
  0,
  data.length >> 8,
  data.length & 0xff,
  ...ascii(type),
  ...data,
  1,
  2,
  3,
  4,
];
const png = Uint8Array.of(
  0x89,
  ...ascii("PNG\r\n\u001A\n"),
  ...chunk("IHDR", [0, 0, 0, 1]),
  ...chunk("eXIf", exifBlock(52.5, 13.4)),
  ...chunk("IDAT", [9, 9]),
  ...chunk("IEND", []),
);
const riff = (type: string, data: Uint8Array | readonly number[]): number[] => [
  ...ascii(type),
  data.length & 0xff,
  data.length >> 8,
  0,
  0,
  ...data,
  ...(data.length % 2 === 1 ? [0] : []),
];
const webp = Uint8Array.of(
  ...ascii("RIFF"),
  0,
  1,
  0,
  0,
  ...ascii("WEBP"),
  ...riff("VP8X", [0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  ...riff("VP8 ", [1, 2, 3]),
  ...riff("EXIF", exifBlock(-33.8688, 151.2093)),
);
const heic = Uint8Array.of(
  0,
  0,
  0,
  24,
  ...ascii("ftypheic"),
  ...Array.from({ length: 200 }, () => 0x45),
  ...ascii("Exif\0\0"),
  ...exifBlock(52.5, 13.4),
);

test("a photo tells where it was taken, in each kind of file", () => {
  expect(findInFile(jpegWithPlace(52.520008, 13.404954))).toMatchObject([
    { kind: "place", level: "confirmed", what: "photo-place", masked: "near 52.5, 13.4", value: "52.5200,13.4050" },
  ]);
  expect(findInFile(png)).toMatchObject([{ masked: "near 52.5, 13.4" }]);
  expect(findInFile(webp)).toMatchObject([{ masked: "near -33.9, 151.2" }]);
  expect(findInFile(heic)).toMatchObject([{ masked: "near 52.5, 13.4" }]);
  expect(findInFile(jpegWithPlace(0, 0))).toEqual([]);
  expect(findInFile(Uint8Array.of(0xff, 0xd8, 0xff))).toEqual([]);
});

test("without its place a photo keeps the picture and how it is turned, and nothing behind its end", () => {
  const stripped = stripLocation(jpegWithPlace(52.520008, 13.404954)) ?? new Uint8Array();
  const text = Buffer.from(stripped).toString("latin1");
  expect(findInFile(stripped)).toEqual([]);
  expect(text).not.toMatch(/GPS|adobe|video|13\.4/);
  expect(text).toContain("JFIF");
  expect(text).toContain(
    Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 5, 0xff, 0xd9]).toString("latin1"),
  );
  expect(text).toContain("\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006");
  expect(stripLocation(stripped)).toEqual(stripped);
});

test("PNG and WebP lose the chunks that tell it, and say how long they are now", () => {
  const [one, two] = [stripLocation(png) ?? new Uint8Array(), stripLocation(webp) ?? new Uint8Array()];
  expect(Buffer.from(one).toString("latin1")).toMatch(/IHDR.*IDAT.*IEND/s);
  expect(findInFile(one)).toEqual([]);
  expect(findInFile(two)).toEqual([]);
  expect(new DataView(two.buffer).getUint32(4, true)).toBe(two.length - 8);
  expect(two[20]).toBe(0);
  expect(stripLocation(heic)).toBeUndefined();
});

test("a damaged or hostile file is read as far as it goes", () => {
  const whole = jpegWithPlace(52.520008, 13.404954);
  fc.assert(
    fc.property(
      fc.constantFrom(whole, png, webp, heic),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 12 }),
      fc.nat(400),
      (file, changes, end) => {
        const damaged = file.slice(0, Math.max(1, file.length - end));
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        expect(findInFile(damaged).length).toBeLessThanOrEqual(1);
        expect(() => stripLocation(damaged)).not.toThrow();
      },
    ),
    { numRuns: 2_000 },
  );
});
