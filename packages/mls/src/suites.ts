/** Ciphersuite numbers (RFC 9420 §17.1) that the providers of this package know. */
export const SUITE = {
  /** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
  x25519Aes128: 0x0001,
  /** MLS_128_DHKEMP256_AES128GCM_SHA256_P256 */
  p256Aes128: 0x0002,
  /** MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 */
  x25519ChaCha20: 0x0003,
  /** MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519 of draft-ietf-mls-pq-ciphersuites, private until assigned. */
  mlkem768X25519Aes128: 0xf001,
  /** X-Wing, AES-256-GCM, SHA-512, Ed25519; private. */
  xwingAes256Sha512: 0xf002,
} as const;

export type SuiteId = (typeof SUITE)[keyof typeof SUITE];
