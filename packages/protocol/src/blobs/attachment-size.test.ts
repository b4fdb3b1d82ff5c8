import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as p from "@sotto/protocol";

const size = fc.integer({ min: 0, max: p.LIMITS.attachmentBytesMax });

test("pads by at most 12 %, and padding again changes nothing", () => {
  fc.assert(
    fc.property(size, (bytes) => {
      const padded = p.padmeSize(bytes);
      expect(padded).toBeGreaterThanOrEqual(bytes);
      expect(padded).toBeLessThanOrEqual(Math.max(1, bytes * 1.12));
      expect(p.padmeSize(padded)).toBe(padded);
    }),
  );
});

test("leaves few sizes", () => {
  const sizes = new Set(Array.from({ length: 100_000 }, (_, i) => p.padmeSize(i)));
  expect(sizes.size).toBeLessThan(260);
});

test("cuts a file into segments without gap or overlap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (bytes) => {
      const plan = p.planSegments(bytes);
      let [plain, cipher] = [0, 0];
      for (let i = 0; i < plan.segments; i++) {
        const place = p.segmentPlace(plan, i);
        expect([place.plainStart, place.cipherStart]).toEqual([plain, cipher]);
        expect(place.cipherEnd - place.cipherStart).toBe(place.plainEnd - place.plainStart + p.SEGMENT_TAG_BYTES);
        expect(place.cipherEnd - place.cipherStart).toBeLessThanOrEqual(p.SEGMENT_BYTES);
        [plain, cipher] = [place.plainEnd, place.cipherEnd];
        expect(place.isLast).toBe(i === plan.segments - 1);
      }
      expect([plain, cipher]).toEqual([plan.paddedBytes, plan.cipherBytes]);
    }),
  );
});

test("the largest attachment fits into the largest blob", () => {
  expect(p.planSegments(p.LIMITS.attachmentBytesMax).cipherBytes).toBeLessThanOrEqual(p.LIMITS.blobBytesMax);
});

test("finds the segments of a range", () => {
  expect(p.segmentsOfRange(0, 1)).toEqual({ first: 0, last: 0 });
  expect(p.segmentsOfRange(p.SEGMENT_PLAIN_BYTES - 1, p.SEGMENT_PLAIN_BYTES + 1)).toEqual({ first: 0, last: 1 });
  expect(p.segmentsOfRange(p.SEGMENT_PLAIN_BYTES, p.SEGMENT_PLAIN_BYTES * 3)).toEqual({ first: 1, last: 2 });
});

test("tells the segments' nonces apart", () => {
  const prefix = new Uint8Array(p.NONCE_PREFIX_BYTES);
  const nonces = [p.segmentNonce(prefix, 0, false), p.segmentNonce(prefix, 1, false), p.segmentNonce(prefix, 1, true)];
  expect(new Set(nonces.map(p.bytesToHex)).size).toBe(3);
  expect(() => p.segmentPlace(p.planSegments(1), 1)).toThrow(p.ProtocolError);
});
