import { expect, test } from "vitest";
import { createRandom } from "../node/random.ts";

test("no piece is given out twice, whatever the lengths", () => {
  const random = createRandom();
  const seen = new Set<string>();
  for (let round = 0; round < 2_000; round++) {
    for (const length of [8, 16, 32, 255, 256, 257, 5_000]) {
      const bytes = random(length);
      expect(bytes.length).toBe(length);
      const text = Buffer.from(bytes.subarray(0, 8)).toString("hex");
      expect(seen.has(text)).toBe(false);
      seen.add(text);
    }
  }
});

test("a piece is its receiver's own", () => {
  const random = createRandom();
  const [first, second] = [random(16), random(16)];
  expect(first.buffer).not.toBe(second.buffer);
  expect(first.buffer.byteLength).toBe(16);
});
