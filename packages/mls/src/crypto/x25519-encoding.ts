/**
 * Which 32 bytes are an acceptable X25519 public key (RFC 7748 §5 and §6.1, RFC 9180 §7.1.4).
 *
 * RFC 7748 tells implementations to mask the high bit and to accept a u-coordinate that is not reduced. HPKE and MLS compare keys as bytes
 * (a key must be unique in a tree, a key identifies a node), so a key with several spellings would let one point pass as two. No honest
 * implementation emits such a spelling, hence it is refused here.
 */
import { toHex } from "../bytes.ts";

/** u-coordinates that the cofactor kills, on the curve and its twist; with them the shared secret is zero whatever the private key. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);
const SMALL_ORDER_FIRST_BYTES: ReadonlySet<number> = new Set([0x00, 0x01, 0xe0, 0x5f, 0xec]);

export function isX25519PublicKey(key: Uint8Array): boolean {
  return key.length === 32 && isReduced(key) && !isSmallOrder(key);
}

/** Below 2^255 - 19, little-endian; a set high bit is not. Also the rule for the y of an Ed25519 point once its sign is masked. */
export function isReduced(value: Uint8Array): boolean {
  const last = value[31] ?? 0;
  if (last !== 0x7f) return last < 0x7f;
  for (let i = 30; i > 0; i--) if (value[i] !== 0xff) return true;
  return (value[0] ?? 0) < 0xed;
}

function isSmallOrder(key: Uint8Array): boolean {
  if (!SMALL_ORDER_FIRST_BYTES.has(key[0] ?? 0)) return false;
  return SMALL_ORDER.has(toHex(key));
}
