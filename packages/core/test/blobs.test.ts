/** Blobs: sealed in segments, read whole or in parts; corrupt, exchanged, missing and cut segments do not open. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  archiveSegmentKeys,
  type BlobContext,
  createBlobKeys,
  createBlobOpener,
  createBlobSealer,
  openBlob,
  openSegment,
  planBlob,
  sealBlob,
} from "@sotto/core";
import { SEGMENT_BYTES, SEGMENT_PLAIN_BYTES } from "@sotto/protocol";
import { codeOf, crypto, must, testRandom } from "./support/provider.ts";

const context: BlobContext = {
  crypto,
  createSha256: () => {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
  },
};
const random = testRandom("blobs");
const keys = createBlobKeys(random);
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const sizes = [0, 1, 2, 100, SEGMENT_PLAIN_BYTES - 1, SEGMENT_PLAIN_BYTES, SEGMENT_PLAIN_BYTES + 1, 3 * SEGMENT_PLAIN_BYTES + 5, 1_000_003];

describe("a blob", () => {
  test.each(sizes)("of %i bytes comes back whole, with the hashes that the message names", (size) => {
    const file = random(size).slice(0, size);
    const blob = planBlob(keys, size);
    const sealed = must(sealBlob(file, blob, context));
    expect(sealed.sealed).toHaveLength(blob.plan.cipherBytes);
    expect(sealed.cipherHash).toEqual(new Uint8Array(createHash("sha256").update(sealed.sealed).digest()));
    expect(sealed.fileHash).toEqual(new Uint8Array(createHash("sha256").update(file).digest()));
    expect(must(openBlob(sealed.sealed, { ...blob, ...sealed }, context))).toEqual(file);
  });

  test("is the same in whatever pieces it is written and read", () => {
    const file = random(200_000);
    const blob = planBlob(keys, file.length);
    const whole = must(sealBlob(file, blob, context));
    const cuts = (length: number) =>
      fc.array(fc.nat(length), { maxLength: 6 }).map((points) => [0, ...points.toSorted((a, b) => a - b), length]);
    fc.assert(
      fc.property(cuts(file.length), cuts(whole.sealed.length), (writing, reading) => {
        const sealer = createBlobSealer(blob, context);
        const pieces = writing.slice(1).flatMap((end, i) => must(sealer.push(file.subarray(writing[i] ?? 0, end))));
        pieces.push(...sealer.rest());
        expect(must(sealer.finish()).cipherHash).toEqual(whole.cipherHash);
        expect(Buffer.concat(pieces).equals(whole.sealed)).toBe(true);
        const opener = createBlobOpener(blob, whole, context);
        const opened = reading.slice(1).flatMap((end, i) => must(opener.push(whole.sealed.subarray(reading[i] ?? 0, end))));
        must(opener.finish());
        expect(Buffer.concat(opened).equals(file)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("is read on from what was kept of an interrupted reading, with the same checks at the end", () => {
    const file = random(3 * SEGMENT_PLAIN_BYTES + 100);
    const blob = planBlob(keys, file.length);
    const whole = must(sealBlob(file, blob, context));
    for (const held of [0, 1, SEGMENT_PLAIN_BYTES, 2 * SEGMENT_PLAIN_BYTES + 7, file.length]) {
      const opener = createBlobOpener(blob, whole, context);
      const next = must(opener.recount(file.subarray(0, held)));
      expect(next).toBe(held === file.length ? blob.plan.segments : Math.floor(held / SEGMENT_PLAIN_BYTES));
      const rest = must(opener.push(whole.sealed.subarray(next * SEGMENT_BYTES)));
      must(opener.finish());
      const opened = Buffer.concat([file.subarray(0, next * SEGMENT_PLAIN_BYTES), ...rest]);
      expect(opened.equals(file)).toBe(true);
    }
    const spoiled = createBlobOpener(blob, whole, context);
    const next = must(spoiled.recount(flipped(file.subarray(0, SEGMENT_PLAIN_BYTES), 5)));
    must(spoiled.push(whole.sealed.subarray(next * SEGMENT_BYTES)));
    expect(codeOf(spoiled.finish())).toBe("blob_damaged");
  });

  test("gives any segment alone", () => {
    const file = random(5 * SEGMENT_PLAIN_BYTES - 7);
    const blob = planBlob(keys, file.length);
    const { sealed } = must(sealBlob(file, blob, context));
    for (const index of [4, 0, 2]) {
      const piece = sealed.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
      const opened = must(openSegment(blob, { index, sealed: piece }, context));
      expect(Buffer.from(opened).equals(file.subarray(index * SEGMENT_PLAIN_BYTES, (index + 1) * SEGMENT_PLAIN_BYTES))).toBe(true);
    }
  });
});

describe("a blob that was changed", () => {
  const file = random(3 * SEGMENT_PLAIN_BYTES + 100);
  const blob = planBlob(keys, file.length);
  const made = must(sealBlob(file, blob, context));
  const { sealed } = made;
  const segment = (index: number): Uint8Array =>
    sealed.subarray(index * SEGMENT_BYTES, Math.min(sealed.length, (index + 1) * SEGMENT_BYTES));
  const open = (bytes: Uint8Array, other: object = {}): string => codeOf(openBlob(bytes, { ...blob, ...made, ...other }, context));

  test.each([
    ["in its first byte", flipped(sealed, 0)],
    ["in a tag", flipped(sealed, SEGMENT_BYTES - 1)],
    ["in its last byte", flipped(sealed, sealed.length - 1)],
    ["by exchanging segments", Buffer.concat([segment(1), segment(0), segment(2), segment(3)])],
    ["by repeating a segment", Buffer.concat([segment(0), segment(0), segment(2), segment(3)])],
  ])("%s does not open", (_name, bytes) => {
    expect(open(new Uint8Array(bytes))).toBe("blob_damaged");
  });

  test("by cutting or adding at the end is noticed", () => {
    expect(open(sealed.subarray(0, 2 * SEGMENT_BYTES))).toBe("blob_incomplete");
    expect(open(sealed.subarray(0, sealed.length - 1))).toBe("blob_incomplete");
    expect(open(new Uint8Array(Buffer.concat([sealed, Uint8Array.of(0)])))).toBe("blob_range");
  });

  test("by pretending that it ends earlier does not open: the last segment is marked", () => {
    const plan = { paddedBytes: SEGMENT_PLAIN_BYTES, segments: 1, cipherBytes: SEGMENT_BYTES };
    const shorter = { ...blob, plan, fileBytes: SEGMENT_PLAIN_BYTES };
    expect(codeOf(openBlob(segment(0), { ...shorter, ...made }, context))).toBe("blob_damaged");
  });

  test("against another hash, key or size is refused", () => {
    expect(open(sealed, { fileHash: new Uint8Array(32) })).toBe("blob_damaged");
    expect(open(sealed, { cipherHash: new Uint8Array(32) })).toBe("blob_damaged");
    expect(open(sealed, { key: new Uint8Array(32) })).toBe("blob_damaged");
    expect(open(sealed, planBlob(keys, file.length - 1))).toBe("blob_damaged");
  });

  test("with padding that is not zero does not open", () => {
    const longer = planBlob(keys, file.length + 1);
    const other = must(sealBlob(new Uint8Array(file.length + 1).fill(9), longer, context));
    expect(longer.plan).toEqual(blob.plan);
    expect(codeOf(openBlob(other.sealed, { ...blob, ...other }, context))).toBe("blob_damaged");
  });

  test("stays failed after the first bad segment", () => {
    const opener = createBlobOpener(blob, made, context);
    expect(codeOf(opener.push(flipped(segment(0), 3)))).toBe("blob_damaged");
    expect(codeOf(opener.push(segment(1)))).toBe("blob_damaged");
    expect(codeOf(opener.finish())).toBe("blob_damaged");
  });
});

test("archive segments have keys of their own, the same for every device", () => {
  const archiveKey = random(32);
  const [a, b] = [random(16), random(16)];
  const of = (id: Uint8Array) => archiveSegmentKeys(archiveKey, id, { crypto });
  expect(of(a)).toEqual(of(a));
  expect(of(a).key).not.toEqual(of(b).key);
  expect(of(a).noncePrefix).not.toEqual(of(b).noncePrefix);
  expect(of(a)).toMatchObject({ key: { length: 32 }, noncePrefix: { length: 7 } });
});
