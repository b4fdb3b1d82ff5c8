/** Binary property lists, against what Python's plistlib writes; and those that no program writes. */
import { expect, test } from "vitest";
import { parseBinaryPlist } from "./binary-plist.ts";

const MIXED =
  "YnBsaXN0MDDUAQIDBAUGDA1RYVFiUWNUbG9uZ2EA6aUHCAkKCxABEQEsEgABEXAjP/gAAAAAAAAJQnh5XxAUeHh4eHh4eHh4eHh4eHh4eHh4eHgIERMVFxwfJScqLzg5PAAAAAAAAAEBAAAAAAAAAA4AAAAAAAAAAAAAAAAAAABT";
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

test("values of every kind are read", () => {
  expect(parseBinaryPlist(bytesOf(MIXED))).toEqual({
    a: "é",
    b: [1, 300, 70_000, 1.5, true],
    c: new Uint8Array(Buffer.from("xy")),
    long: "x".repeat(20),
  });
});

test("an array that holds itself, offsets that lead outside, and any damaged byte: nothing, and no end of time", () => {
  const whole = bytesOf(MIXED);
  // One array with two references to itself; then its offset, and a trailer of one object at 11.
  const trailer = [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];
  const circle = Uint8Array.from([...Buffer.from("bplist00"), 0xa2, 0, 0, 8, ...trailer]);
  expect(parseBinaryPlist(circle)).toBeUndefined();
  expect(parseBinaryPlist(whole.subarray(0, 40))).toBeUndefined();
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const damaged = whole.slice();
      damaged[at] = value;
      expect(() => parseBinaryPlist(damaged)).not.toThrow();
    }
  }
});
