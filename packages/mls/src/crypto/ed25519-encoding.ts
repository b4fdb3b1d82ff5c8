/**
 * Strictness for Ed25519 (RFC 8032 §5.1.3, §5.1.7) that libraries disagree on, as checks on bytes.
 *
 * Providers must accept exactly the same signatures, or one message would split a group. So each refuses, before its library looks:
 * an A or R which is not canonical or of small order, and an S which is not below the group order L.
 */
import { toHex } from "../bytes.ts";
import { isReduced } from "./x25519-encoding.ts";

export const ED25519_KEY_LENGTH = 32;
export const ED25519_SIGNATURE_LENGTH = 64;

/** y-coordinates (sign bit cleared, canonical) of the eight points whose order divides 8. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);
const SMALL_ORDER_FIRST_BYTES: ReadonlySet<number> = new Set([0x00, 0x01, 0x26, 0xc7, 0xec]);

/** L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const ORDER: readonly number[] = [
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0x10,
];

/** Canonical and not of small order. Whether it is on the curve is for the library to say. */
export function isEd25519PointEncoding(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return isReduced(y) && !(SMALL_ORDER_FIRST_BYTES.has(y[0] ?? 0) && SMALL_ORDER_Y.has(toHex(y)));
}

export function isEd25519SignatureEncoding(signature: Uint8Array): boolean {
  return (
    signature.length === ED25519_SIGNATURE_LENGTH &&
    isEd25519PointEncoding(signature.subarray(0, 32)) &&
    isBelowOrder(signature.subarray(32))
  );
}

function isBelowOrder(scalar: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (scalar[i] ?? 0) - (ORDER[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
