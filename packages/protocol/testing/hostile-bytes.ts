/** Bytes to try a decoder with: changed, cut, said in a longer way, too deep, too large, or announcing what is not there. */
import { cborLimits, type ErrorCode, hexToBytes, scanCbor } from "@sotto/protocol";
import * as fc from "fast-check";
import type { Refused } from "./form-suite.ts";

export type Mutation = { readonly at: number; readonly value: number; readonly kind: "flip" | "insert" | "delete" | "cut" | "double" };

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(100_000),
  value: fc.integer({ min: 0, max: 255 }),
  kind: fc.constantFrom("flip", "insert", "delete", "cut", "double"),
});

export function mutated(bytes: Uint8Array, { at, value, kind }: Mutation): Uint8Array {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case "flip":
      return bytes.map((byte, i) => (i === place ? value : byte));
    case "insert":
      return Uint8Array.of(...before, value, ...after);
    case "delete":
      return Uint8Array.of(...before, ...after.subarray(1));
    case "cut":
      return before.slice();
    case "double":
      return Uint8Array.of(...bytes, ...after);
  }
}

export function changedFrom(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.array(mutation, { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce(mutated, bytes));
}

/** Where the heads of the items of good CBOR are. */
function headsOf(bytes: Uint8Array): number[] {
  const heads: number[] = [];
  for (let at = 0; at < bytes.length;) {
    heads.push(at);
    const head = bytes[at] ?? 0;
    const minor = head & 31;
    const size = minor < 24 || head >>> 5 === 7 ? 0 : 1 << (minor - 24);
    const argument = size === 0 ? minor : bytes.subarray(at + 1, at + 1 + size).reduce((value, byte) => value * 256 + byte, 0);
    const isString = head >>> 5 === 2 || head >>> 5 === 3;
    at += 1 + size + (isString ? argument : 0);
  }
  return heads;
}

/** Each says what good CBOR says, with one number or length in a longer form. Nothing of what is no CBOR. */
export function longerHeads(bytes: Uint8Array): Uint8Array[] {
  if (scanCbor(bytes, cborLimits(bytes.length)) !== undefined) return [];
  return headsOf(bytes).flatMap((at) => {
    const head = bytes[at] ?? 0;
    const [kind, minor] = [head & 0xe0, head & 31];
    if (head >>> 5 === 7 || minor > 26) return [];
    const size = minor < 24 ? 0 : 1 << (minor - 24);
    const argument = minor < 24 ? [minor] : [...new Uint8Array(size), ...bytes.subarray(at + 1, at + 1 + size)];
    const next = minor < 24 ? 24 : minor + 1;
    return [Uint8Array.of(...bytes.subarray(0, at), kind | next, ...argument, ...bytes.subarray(at + 1 + size))];
  });
}

const hex = (text: string): Uint8Array => hexToBytes(text.replaceAll(" ", "")) ?? new Uint8Array(0);
const LARGE = 5 * 1024 * 1024;

function filled(head: string, byte: number): Uint8Array {
  const bytes = new Uint8Array(LARGE).fill(byte);
  bytes.set(hex(head));
  return bytes;
}

/** What no form is. */
export const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  "lists in lists without end": filled("81", 0x81),
  "maps in maps without end": new Uint8Array(LARGE).map((_, i) => (i % 2 === 0 ? 0xa1 : 0)),
  "a list of millions": filled("9a 00 4f ff fb", 0),
  "a list that is announced and not there": hex("9b 00 1f ff ff ff ff ff ff"),
  "a map that is announced and not there": hex("bb 00 1f ff ff ff ff ff ff"),
  "bytes that are announced and not there": hex("5b 00 1f ff ff ff ff ff ff"),
  "a text that is announced and not there": hex("7b 00 1f ff ff ff ff ff ff"),
  "bytes of some megabytes": filled("5a 00 4f ff fb", 0x41),
  "a text of some megabytes": filled("7a 00 4f ff fb", 0x41),
};

const codes = (code: ErrorCode | undefined, own: ErrorCode): ErrorCode => code ?? own;

/**
 * What every CBOR form refuses in the same way, made from one good encoding of an array of fewer than 24. With a code of one's own where a decoder has the
 * same one for all of it.
 */
export function generallyRefused(good: Uint8Array, code?: ErrorCode): Refused[] {
  const plus = (bytes: Uint8Array, ...more: readonly number[]): Uint8Array => Uint8Array.of(...bytes, ...more);
  return [
    ["nothing", codes(code, "cbor_truncated"), new Uint8Array(0)],
    ["a cut value", codes(code, "cbor_truncated"), good.slice(0, -1)],
    ["a byte too much", codes(code, "cbor_trailing"), plus(good, 0)],
    ["a length that is not the shortest", codes(code, "cbor_not_shortest"), Uint8Array.of(0x98, (good[0] ?? 0) & 31, ...good.subarray(1))],
    ["an indefinite length", codes(code, "cbor_indefinite"), plus(Uint8Array.of(0x9f, ...good.subarray(1)), 0xff)],
    ["a tag", codes(code, "cbor_unsupported"), Uint8Array.of(0xc1, ...good)],
    ["a float", codes(code, "cbor_unsupported"), hex("f93c00")],
    ["nesting that is too deep", codes(code, "cbor_too_deep"), hex(`${"81".repeat(40)}00`)],
    ["a map with unsorted keys", codes(code, "cbor_map_order"), hex("a2 6162 00 6161 00")],
    ["a map with a key twice", codes(code, "cbor_map_duplicate"), hex("a2 6161 00 6161 00")],
    ["text that is not UTF-8", codes(code, "cbor_text"), hex("62 c328")],
  ];
}
