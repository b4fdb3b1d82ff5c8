/** P-256: a vector of RFC 6979 §A.2.5, strict DER, and the keys and signatures that must be refused. */
import { describe, expect, it } from "vitest";

import { ascii, concat, toHex } from "../../src/bytes.ts";
import { testRandom } from "../support/provider.ts";
import { flipBit, fromHex } from "./hex.ts";
import { suitesOf } from "./suites.ts";

const PRIVATE_KEY = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const X = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const Y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const R = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const S = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const MESSAGE = ascii("sample");

const PUBLIC_KEY = fromHex(`04${X}${Y}`);

const toNumber = (hex: string): bigint => BigInt(`0x${hex}`);
const toDigits = (value: bigint): string => value.toString(16).padStart(64, "0");

/** A DER element from its tag and the hexadecimal of its content, which is shorter than 128 bytes. */
const element = (tag: string, content: string): string => `${tag}${(content.length / 2).toString(16).padStart(2, "0")}${content}`;
const integer = (content: string): string => element("02", content);
const sequence = (...parts: string[]): string => element("30", parts.join(""));
/** Both r and s of the vector have their high bit set. */
const GOOD = sequence(integer(`00${R}`), integer(`00${S}`));
const HIGH_OR_LOW_S = toDigits(toNumber(ORDER) - toNumber(S));

const BAD_SIGNATURES: Readonly<Record<string, string>> = {
  nothing: "",
  "an empty sequence": "3000",
  "raw r and s": `${R}${S}`,
  "a negative r": sequence(integer(R), integer(`00${S}`)),
  "a negative s": sequence(integer(`00${R}`), integer(S)),
  "a padded r": sequence(integer(`0000${R}`), integer(`00${S}`)),
  "a padded low s": sequence(integer(`00${R}`), integer(`0000${HIGH_OR_LOW_S}`)),
  "a needless zero": sequence(integer(`00${R}`), integer(`00${HIGH_OR_LOW_S}`)),
  "a long-form sequence length": `3081${GOOD.slice(2)}`,
  "a long-form integer length": sequence(`02812100${R}`, integer(`00${S}`)),
  "an indefinite length": `3080${GOOD.slice(4)}0000`,
  "bytes after the sequence": `${GOOD}00`,
  "bytes inside the sequence": sequence(integer(`00${R}`), integer(`00${S}`), "0500"),
  "only r": sequence(integer(`00${R}`)),
  "three integers": sequence(integer(`00${R}`), integer(`00${S}`), integer("01")),
  "a wrong outer tag": `31${GOOD.slice(2)}`,
  "a wrong inner tag": sequence(element("03", `00${R}`), integer(`00${S}`)),
  "an empty integer": sequence(integer(""), integer(`00${S}`)),
  "a truncated end": GOOD.slice(0, -2),
  "r of zero": sequence(integer("00"), integer(`00${S}`)),
  "s of zero": sequence(integer(`00${R}`), integer("00")),
  "both zero": sequence(integer("00"), integer("00")),
  "both one": sequence(integer("01"), integer("01")),
  "r of the order": sequence(integer(`00${ORDER}`), integer(`00${S}`)),
  "s of the order": sequence(integer(`00${R}`), integer(`00${ORDER}`)),
  "s beyond the order": sequence(integer(`00${R}`), integer(`00${"ff".repeat(32)}`)),
  "r plus the order in 33 bytes": sequence(integer(`01${toDigits(toNumber(R) + toNumber(ORDER)).slice(-64)}`), integer(`00${S}`)),
  "a swapped pair": sequence(integer(`00${S}`), integer(`00${R}`)),
};

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;

const BAD_KEYS: Readonly<Record<string, string>> = {
  nothing: "",
  "infinity in one byte": "00",
  "infinity in 65 bytes": "00".repeat(65),
  "an uncompressed zero": `04${"00".repeat(64)}`,
  "a compressed point": `03${X}`,
  "a compressed point, padded": `03${X}${"00".repeat(32)}`,
  "a hybrid point": `07${X}${Y}`,
  "bare coordinates": `${X}${Y}`,
  "a point off the curve": `04${X}${toDigits(toNumber(Y) + 1n)}`,
  "x and y swapped": `04${Y}${X}`,
  "x of p": `04${toDigits(P)}${Y}`,
  "y beyond p": `04${X}${"ff".repeat(32)}`,
  "a short point": `04${X}${Y.slice(2)}`,
  "a long point": `04${X}${Y}00`,
};

describe.each(suitesOf(0x0002))("P-256, $label", ({ suite }) => {
  const random = testRandom("p256");

  it("signs deterministically and verifies (RFC 6979)", () => {
    expect(suite.signaturePublicKey(fromHex(PRIVATE_KEY))).toEqual(PUBLIC_KEY);
    expect(suite.hpkePublicKey(fromHex(PRIVATE_KEY))).toEqual(PUBLIC_KEY);
    expect(toHex(suite.sign(fromHex(PRIVATE_KEY), MESSAGE))).toBe(GOOD);
    expect(suite.verify(PUBLIC_KEY, MESSAGE, fromHex(GOOD))).toBe(true);
    expect(suite.verify(PUBLIC_KEY, ascii("Sample"), fromHex(GOOD))).toBe(false);
  });

  it("accepts the other s too", () => {
    expect(suite.verify(PUBLIC_KEY, MESSAGE, fromHex(sequence(integer(`00${R}`), integer(HIGH_OR_LOW_S))))).toBe(true);
  });

  it("makes signatures of every length that DER gives them", () => {
    const keys = suite.signatureKeyPair(random);
    const lengths = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const signature = suite.sign(keys.privateKey, Uint8Array.of(i));
      lengths.add(signature.length);
      expect(signature.length).toBeLessThanOrEqual(suite.signatureLengthMax);
      expect(suite.verify(keys.publicKey, Uint8Array.of(i), signature)).toBe(true);
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  it.each(Object.entries(BAD_SIGNATURES))("refuses a signature that is %s", (_name, hex) => {
    expect(suite.verify(PUBLIC_KEY, MESSAGE, fromHex(hex))).toBe(false);
  });

  it("refuses a changed bit anywhere", () => {
    const signature = fromHex(GOOD);
    for (let position = 0; position < signature.length * 8; position += 7) {
      expect(suite.verify(PUBLIC_KEY, MESSAGE, flipBit(signature, position))).toBe(false);
    }
  });

  it.each(Object.entries(BAD_KEYS))("refuses a key that is %s", (_name, hex) => {
    const key = fromHex(hex);
    const context = { info: random(5), aad: random(5) };
    expect(suite.isHpkePublicKey(key)).toBe(false);
    expect(suite.isSignaturePublicKey(key)).toBe(false);
    expect(suite.verify(key, MESSAGE, fromHex(GOOD))).toBe(false);
    expect(suite.hpkeSeal(key, { ...context, plaintext: random(5) }, random)).toBeUndefined();
    const keys = { privateKey: fromHex(PRIVATE_KEY), publicKey: PUBLIC_KEY };
    expect(suite.hpkeOpen(keys, { kemOutput: key, ciphertext: random(40) }, context)).toBeUndefined();
  });

  it.each(["00".repeat(32), ORDER, toDigits(toNumber(ORDER) + 1n), "ff".repeat(32), "01", `00${PRIVATE_KEY}`])(
    "refuses the private key %s",
    (hex) => {
      const privateKey = fromHex(hex);
      const context = { info: random(5), aad: random(5) };
      expect(suite.hpkePublicKey(privateKey)).toBeUndefined();
      expect(suite.signaturePublicKey(privateKey)).toBeUndefined();
      expect(
        suite.hpkeOpen({ privateKey, publicKey: PUBLIC_KEY }, { kemOutput: PUBLIC_KEY, ciphertext: random(40) }, context),
      ).toBeUndefined();
      expect(() => suite.sign(privateKey, MESSAGE)).toThrow(RangeError);
    },
  );

  it("takes the smallest and the largest private key", () => {
    const base = suite.hpkePublicKey(fromHex(`${"00".repeat(31)}01`));
    const last = suite.hpkePublicKey(fromHex(toDigits(toNumber(ORDER) - 1n)));
    if (base === undefined || last === undefined) throw new Error("refused");
    expect(last.subarray(0, 33)).toEqual(base.subarray(0, 33));
    expect(suite.isHpkePublicKey(concat(base))).toBe(true);
  });
});
