/** The encapsulation key check of FIPS 203 §7.2 (length and modulus), so that every provider makes it whatever its library does. */

export const ML_KEM_768_KEY_LENGTH = 1184;
export const ML_KEM_768_CIPHERTEXT_LENGTH = 1088;
/** `d ‖ z`. */
export const ML_KEM_768_SEED_LENGTH = 64;

const MODULUS = 3329;
/** Three polynomials of 256 coefficients, two coefficients in three bytes; a 32-byte seed follows. */
const COEFFICIENTS_LENGTH = 1152;

export function isMlKem768PublicKey(key: Uint8Array): boolean {
  if (key.length !== ML_KEM_768_KEY_LENGTH) return false;
  for (let i = 0; i < COEFFICIENTS_LENGTH; i += 3) {
    const middle = key[i + 1] ?? 0;
    const first = (key[i] ?? 0) | ((middle & 0x0f) << 8);
    const second = (middle >> 4) | ((key[i + 2] ?? 0) << 4);
    if (first >= MODULUS || second >= MODULUS) return false;
  }
  return true;
}
