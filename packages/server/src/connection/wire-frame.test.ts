import { expect, test } from "vitest";
import { wireFrame } from "./wire-frame.ts";

test("the length stands in its shortest form before the payload", () => {
  const heads: readonly (readonly [length: number, head: readonly number[]])[] = [
    [0, [0x82, 0]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [65_535, [0x82, 126, 0xff, 0xff]],
    [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
    [4_259_840, [0x82, 127, 0, 0, 0, 0, 0, 0x41, 0, 0]],
  ];
  for (const [length, head] of heads) {
    const payload = new Uint8Array(length).fill(length % 251);
    expect(wireFrame(payload).equals(Buffer.concat([Buffer.from(head), payload]))).toBe(true);
  }
});

test("many who get the same payload share one frame, and another payload has its own", () => {
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(1)];
  expect(wireFrame(one)).toBe(wireFrame(one));
  expect(wireFrame(other)).not.toBe(wireFrame(one));
});
