/** Hostile input to what lies under every form: CBOR takes any value, and bytes in one encoding only; padding likewise. The forms: vectors.test.ts. */
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
  padContent,
  unpadContent,
} from "@sotto/protocol";
import { faultOf, type Form } from "../testing/form-suite.ts";
import { mutated, mutation } from "../testing/hostile-bytes.ts";

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
