/**
 * Strict encodings for P-256: uncompressed points (RFC 9180 §7.1.1, RFC 9420 §5.1.1) and DER `ECDSA-Sig-Value` (RFC 9420 §5.1.2).
 *
 * Strict DER: one spelling per signature, so BER lengths, padded or negative integers and trailing bytes are refused, as are r or s
 * outside 1..n-1. A high s is accepted, since RFC 9420 does not forbid it and other implementations emit it: (r, n - s) is thus a second
 * valid signature of the same message. A ProposalRef covers the signature (RFC 9420 §5.2), and what non-members propose has no membership
 * tag: whoever delivers such a proposal can give it a second reference. A commit takes one of equal proposals only (group/pending.ts).
 */

export const P256_POINT_LENGTH = 65;
export const P256_SCALAR_LENGTH = 32;
/** SEQUENCE of two INTEGERs of 33 bytes. */
export const ECDSA_DER_LENGTH_MAX = 72;

/** The order n of P-256, big-endian. */
const ORDER: readonly number[] = [
  0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3,
  0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** 1..n-1 in 32 bytes. */
export function isP256Scalar(scalar: Uint8Array): boolean {
  if (scalar.length !== P256_SCALAR_LENGTH || scalar.every((byte) => byte === 0)) return false;
  for (let i = 0; i < P256_SCALAR_LENGTH; i++) {
    const difference = (scalar[i] ?? 0) - (ORDER[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The form only; whether the point is on the curve is for the library to say. */
export function isP256PointEncoding(point: Uint8Array): boolean {
  return point.length === P256_POINT_LENGTH && point[0] === 0x04;
}

/** `r ‖ s` of 64 bytes, or `undefined` when the DER is not strict or a number is out of range. */
export function decodeEcdsaDer(der: Uint8Array): Uint8Array | undefined {
  if (der.length > ECDSA_DER_LENGTH_MAX || der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const pair = new Uint8Array(2 * P256_SCALAR_LENGTH);
  const afterR = decodeInteger(der, 2, pair.subarray(0, P256_SCALAR_LENGTH));
  if (afterR === undefined) return undefined;
  return decodeInteger(der, afterR, pair.subarray(P256_SCALAR_LENGTH)) === der.length ? pair : undefined;
}

/** Fills `scalar` and gives the offset after the INTEGER. */
function decodeInteger(der: Uint8Array, offset: number, scalar: Uint8Array): number | undefined {
  const length = der[offset + 1];
  if (der[offset] !== INTEGER || length === undefined || length === 0) return undefined;
  const content = der.subarray(offset + 2, offset + 2 + length);
  const [first = 0, second = 0] = content;
  if (content.length !== length || first >= 0x80 || (length > 1 && first === 0 && second < 0x80)) return undefined;
  const digits = first === 0 ? content.subarray(1) : content;
  if (digits.length > P256_SCALAR_LENGTH) return undefined;
  scalar.set(digits, P256_SCALAR_LENGTH - digits.length);
  return isP256Scalar(scalar) ? offset + 2 + length : undefined;
}

/** `pair` is `r ‖ s` of 64 bytes. */
export function encodeEcdsaDer(pair: Uint8Array): Uint8Array {
  const integers = [...encodeInteger(pair.subarray(0, P256_SCALAR_LENGTH)), ...encodeInteger(pair.subarray(P256_SCALAR_LENGTH))];
  return Uint8Array.of(SEQUENCE, integers.length, ...integers);
}

function encodeInteger(scalar: Uint8Array): number[] {
  const start = scalar.findIndex((byte) => byte !== 0);
  const digits = [...scalar.subarray(start)];
  if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
  return [INTEGER, digits.length, ...digits];
}
