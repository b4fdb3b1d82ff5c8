/** Hostile input to every decoder: it answers with an outcome and never throws; and what it accepts is the one encoding of its value. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CborValue,
  cborLimits,
  decodeCbor,
  decodeCborMaps,
  encodeCbor,
  equalBytes,
  expectSuccess,
  isErrorCode,
  padContent,
  unpadContent,
} from "@sotto/protocol";
import { type Form, FORMS } from "./forms.ts";

type Mutation = { readonly at: number; readonly value: number; readonly kind: "flip" | "insert" | "delete" | "cut" | "double" };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(100_000),
  value: fc.integer({ min: 0, max: 255 }),
  kind: fc.constantFrom("flip", "insert", "delete", "cut", "double"),
});

function mutated(bytes: Uint8Array, { at, value, kind }: Mutation): Uint8Array {
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

/** What is wrong with a decoder's answer to these bytes; nothing, if it refused them with a code or took them as the one encoding. */
function faultOf({ decode, encode, keepsMeaningOnly }: Form, bytes: Uint8Array): string | undefined {
  const outcome = decode(bytes);
  if (!outcome.ok) return isErrorCode(outcome.code) ? undefined : "a code that does not exist";
  const again = encode(outcome.value);
  if (keepsMeaningOnly !== true) return equalBytes(again, bytes) ? undefined : "a second encoding of one value";
  const second = decode(again);
  return second.ok && equalBytes(encode(second.value), again) ? undefined : "another meaning after a round trip";
}

describe.each(Object.entries(FORMS))("%s", (_name, form) => {
  const encodings = form.samples.map(([, value]) => form.encode(value));

  test("reads what it wrote", () => {
    for (const [, value] of form.samples) expect(form.decode(form.encode(value))).toEqual({ ok: true, value });
  });

  test("takes random bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => faultOf(form, bytes) === undefined);
    expect(fc.check(property, { numRuns: 300 })).toMatchObject({ failed: false });
  });

  test("takes changed encodings, and accepts none but the canonical one", () => {
    const changed = fc
      .tuple(fc.constantFrom(...encodings), fc.array(mutation, { minLength: 1, maxLength: 4 }))
      .map(([bytes, changes]) => changes.reduce(mutated, bytes));
    const property = fc.property(changed, (bytes) => faultOf(form, bytes) === undefined);
    expect(fc.check(property, { numRuns: 1_500 })).toMatchObject({ failed: false });
  });

  test("takes every beginning of an encoding", () => {
    const beginnings = encodings.flatMap((bytes) => Array.from({ length: Math.min(bytes.length, 400) }, (_, end) => bytes.slice(0, end)));
    expect(beginnings.map((bytes) => faultOf(form, bytes)).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

describe("CBOR", () => {
  const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.string({ unit: "grapheme" }).filter((text) => !text.startsWith("\uFEFF")),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(tie("value"), { maxLength: 5 }),
      fc
        .array(fc.tuple(fc.oneof(fc.string({ unit: "grapheme-ascii" }), fc.integer()), tie("value")), { maxLength: 5 })
        .map((pairs) => new Map(pairs)),
    ),
  })).value;

  const asForm = (decode: typeof decodeCbor): Form => ({
    spec: "spec/log.md, Encoding",
    samples: [],
    encode: (sample) => encodeCbor(sample as CborValue),
    decode: (bytes) => decode(bytes, cborLimits(100_000)),
  });

  test("round trips every value", () => {
    const property = fc.property(value, (sample) => {
      const bytes = encodeCbor(sample);
      const decoded = decodeCborMaps(bytes, cborLimits(1_000_000));
      return decoded.ok && equalBytes(encodeCbor(decoded.value as CborValue), bytes);
    });
    expect(fc.check(property)).toMatchObject({ failed: false });
  });

  test.each([
    ["objects", decodeCbor],
    ["maps", decodeCborMaps],
  ])("accepts only canonical bytes, as %s", (_name, decode) => {
    const changed = fc.tuple(value, mutation).map(([sample, change]) => mutated(encodeCbor(sample), change));
    const near = fc.oneof(fc.uint8Array({ maxLength: 40 }), changed);
    const property = fc.property(near, (bytes) => faultOf(asForm(decode), bytes) === undefined);
    expect(fc.check(property, { numRuns: 4_000 })).toMatchObject({ failed: false });
  });
});

test("padding gives back what was padded, and refuses everything else", () => {
  const padding: Form = {
    spec: "spec/content.md, Padding",
    samples: [],
    encode: (content) => expectSuccess(padContent(content as Uint8Array)),
    decode: unpadContent,
  };
  const property = fc.property(fc.uint8Array({ maxLength: 3_000 }), (content) => {
    const unpadded = unpadContent(padding.encode(content));
    return unpadded.ok && equalBytes(unpadded.value, content) && faultOf(padding, content) === undefined;
  });
  expect(fc.check(property)).toMatchObject({ failed: false });
});
