import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as p from "@sotto/protocol";

const leavesOf = (size: number): Uint8Array[] => Array.from({ length: size }, (_, i) => p.leafHash(Uint8Array.of(i)));
const hex = (bytes: Uint8Array): string => p.bytesToHex(bytes);

test("hashes like RFC 6962", () => {
  expect(hex(p.rootHash([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hex(p.leafHash(new Uint8Array(0)))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  // The test tree of the reference implementation of Certificate Transparency.
  const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const leaves = inputs.map((text) => p.leafHash(p.hexToBytes(text) ?? new Uint8Array(0)));
  expect(hex(p.rootHash(leaves))).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

test("proves every leaf of every size up to 24, and nothing else", () => {
  for (let size = 1; size <= 24; size++) {
    const leaves = leavesOf(size);
    const root = p.rootHash(leaves);
    leaves.forEach((leaf, index) => {
      const proof = p.inclusionProof(leaves, index);
      expect(p.isIncluded({ index, size, leaf, root }, proof)).toBe(true);
      expect(p.isIncluded({ index, size, leaf: p.leafHash(Uint8Array.of(200)), root }, proof)).toBe(false);
      expect(p.isIncluded({ index: index + 1, size, leaf, root }, proof)).toBe(false);
      expect(p.isIncluded({ index, size, leaf, root }, [...proof, root])).toBe(false);
      expect(p.isIncluded({ index, size, leaf, root }, proof.slice(1))).toBe(proof.length === 0);
    });
  }
});

test("proves growth between all sizes up to 24, and no rewriting", () => {
  const leaves = leavesOf(24);
  for (let newSize = 0; newSize <= 24; newSize++) {
    const newRoot = p.rootHash(leaves.slice(0, newSize));
    for (let oldSize = 0; oldSize <= newSize; oldSize++) {
      const oldRoot = p.rootHash(leaves.slice(0, oldSize));
      const proof = p.consistencyProof(leaves.slice(0, newSize), oldSize);
      expect(p.isConsistent({ oldSize, newSize, oldRoot, newRoot }, proof)).toBe(true);
      const rewritten = p.rootHash([p.leafHash(Uint8Array.of(99)), ...leaves.slice(1, oldSize)]);
      expect(p.isConsistent({ oldSize, newSize, oldRoot: rewritten, newRoot }, proof)).toBe(false);
      // Every log grows from the empty one.
      expect(p.isConsistent({ oldSize, newSize, oldRoot, newRoot: rewritten }, proof)).toBe(oldSize === 0 && newSize > 0);
    }
  }
});

test("takes arbitrary proofs without a throw", () => {
  const hash = fc.uint8Array({ minLength: 31, maxLength: 33 });
  const number = fc.oneof(fc.integer({ min: -2, max: 70 }), fc.maxSafeInteger(), fc.constant(Number.NaN));
  const input = fc.record({ a: number, b: number, one: hash, two: hash, proof: fc.array(hash, { maxLength: 70 }) });
  fc.assert(
    fc.property(input, ({ a, b, one, two, proof }) => {
      const isTrivial = proof.length === 0 && one.length === 32 && p.equalBytes(one, two);
      expect(p.isIncluded({ index: a, size: b, leaf: one, root: two }, proof)).toBe(isTrivial && a === 0 && b === 1);
      const isEmpty = a === 0 && proof.length === 0 && p.equalBytes(one, p.rootHash([]));
      const hasGrown = p.isConsistent({ oldSize: a, newSize: b, oldRoot: one, newRoot: two }, proof);
      expect(hasGrown).toBe((isTrivial && a === b && a >= 0) || (isEmpty && b >= 0 && two.length === 32));
    }),
  );
});

test("computes the key hash of a signed note", () => {
  // C2SP signed-note, §Verifier keys: example.com/foo+530ce5d6+…
  const key = p.base64urlToBytes("Wlzxrq_W4DOjUQS2Cqv0qJS7KmQ_h7RtTxFWQaJDWVY") ?? new Uint8Array(0);
  expect(p.noteKeyHash("example.com/foo", 1, key)).toHaveLength(4);
});
