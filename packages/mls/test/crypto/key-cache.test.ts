/** The memory of what was computed from a key. */
import { expect, it } from "vitest";

import { toHex } from "../../src/bytes.ts";
import { KeyCache } from "../../src/crypto/key-cache.ts";

type Made = { readonly cache: KeyCache<string>; readonly made: string[] };

function createCache(capacity: number): Made {
  const made: string[] = [];
  const cache = new KeyCache<string>(capacity, (key) => {
    if (key[0] === 0xff) throw new Error("bad key");
    made.push(toHex(key));
    return toHex(key);
  });
  return { cache, made };
}

const key = (...bytes: number[]): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => bytes[i] ?? 0);

it("computes once per key, whatever array holds it", () => {
  const { cache, made } = createCache(4);
  expect(cache.get(key(1))).toBe(cache.get(key(1)));
  expect(made).toHaveLength(1);
});

it("looks at the key, not at the array", () => {
  const { cache } = createCache(4);
  const array = key(1);
  cache.get(array);
  array[31] = 9;
  expect(cache.get(array)).toBe(toHex(array));
  expect(cache.get(key(1))).toBe(toHex(key(1)));
});

it("tells keys apart that begin alike", () => {
  const { cache } = createCache(4);
  const [one, other, short] = [key(1, 2, 3, 4, 5, 6, 7), key(1, 2, 3, 4, 5, 6, 8), Uint8Array.of(1, 2, 3, 4, 5, 6)];
  for (const each of [one, other, short, one, other]) expect(cache.get(each)).toBe(toHex(each));
});

it("forgets the oldest", () => {
  const { cache, made } = createCache(2);
  for (const first of [1, 2, 3, 3, 2, 1]) cache.get(key(first));
  expect(made).toEqual([1, 2, 3, 1].map((first) => toHex(key(first))));
});

it("does not remember a failure, nor lose an entry over it", () => {
  const { cache, made } = createCache(1);
  cache.get(key(1));
  expect(() => cache.get(key(0xff))).toThrow("bad key");
  cache.get(key(1));
  expect(made).toHaveLength(1);
});
