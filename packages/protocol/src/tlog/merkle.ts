/**
 * Merkle tree hashing of a transparency log (RFC 6962 §2.1, C2SP tlog-tiles), SHA-256:
 *
 *   leaf   SHA-256(0x00 ‖ entry)
 *   node   SHA-256(0x01 ‖ left ‖ right)
 *   root   of n > 1 leaves: node(root of the first k, root of the rest), k the largest power of two below n; of none: SHA-256("")
 */
import { concatBytes, equalBytes } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { LIMITS } from "../limits.ts";

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

/** The largest power of two below `size`, for size above 1. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** Root of the leaves with these hashes. */
export function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return only;
  const left = split(leaves.length);
  return nodeHash(rootHash(leaves.slice(0, left)), rootHash(leaves.slice(left)));
}

/** RFC 6962 §2.1.1: the siblings on the way from leaf `index` to the root, lowest first. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const left = split(leaves.length);
  return index < left
    ? [...inclusionProof(leaves.slice(0, left), index), rootHash(leaves.slice(left))]
    : [...inclusionProof(leaves.slice(left), index - left), rootHash(leaves.slice(0, left))];
}

/** RFC 6962 §2.1.2: shows that the tree of the first `oldSize` leaves is the beginning of this one. */
export function consistencyProof(leaves: readonly Uint8Array[], oldSize: number): Uint8Array[] {
  return oldSize === 0 ? [] : subproof(leaves, oldSize, true);
}

function subproof(leaves: readonly Uint8Array[], oldSize: number, isWhole: boolean): Uint8Array[] {
  if (oldSize === leaves.length) return isWhole ? [] : [rootHash(leaves)];
  const left = split(leaves.length);
  return oldSize <= left
    ? [...subproof(leaves.slice(0, left), oldSize, isWhole), rootHash(leaves.slice(left))]
    : [...subproof(leaves.slice(left), oldSize - left, false), rootHash(leaves.slice(0, left))];
}

/** Proof hashes have the right length and number for any log. */
function isProof(proof: readonly Uint8Array[], root: Uint8Array): boolean {
  return proof.length <= LIMITS.proofHashesMax && root.length === HASH_BYTES && proof.every((hash) => hash.length === HASH_BYTES);
}

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;

export type Inclusion = { readonly index: number; readonly size: number; readonly leaf: Uint8Array; readonly root: Uint8Array };

/** Whether the leaf is at `index` in the tree of `size` leaves with this root (RFC 9162 §2.1.3.2). */
export function isIncluded({ index, size, leaf, root }: Inclusion, proof: readonly Uint8Array[]): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !isProof(proof, root)) return false;
  let first = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      hash = nodeHash(sibling, hash);
      while (first % 2 === 0 && first !== 0) {
        first /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

export type Growth = { readonly oldSize: number; readonly newSize: number; readonly oldRoot: Uint8Array; readonly newRoot: Uint8Array };

/** Whether the tree of `oldSize` is the beginning of that of `newSize` (RFC 9162 §2.1.4.2). */
export function isConsistent({ oldSize, newSize, oldRoot, newRoot }: Growth, proof: readonly Uint8Array[]): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize || !isProof(proof, newRoot) || oldRoot.length !== HASH_BYTES) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, rootHash([]));
  const isPowerOfTwo = split(oldSize * 2) === oldSize;
  const path = isPowerOfTwo ? [oldRoot, ...proof] : proof;
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let first = oldSize - 1;
  let last = newSize - 1;
  while (first % 2 === 1) {
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }
  let oldHash = start;
  let newHash = start;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (first % 2 === 0 && first !== 0) {
        first /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}
