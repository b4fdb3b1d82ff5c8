/** X25519 (RFC 7748) and Ed25519 (RFC 8032) of libsodium, behind this package's own strictness on encodings. */
import { draw } from "./draw.ts";
import { ED25519_KEY_LENGTH, ED25519_SIGNATURE_LENGTH, isEd25519PointEncoding, isEd25519SignatureEncoding } from "./ed25519-encoding.ts";
import type { SignatureScheme } from "./hpke-suite.ts";
import { KeyCache } from "./key-cache.ts";
import type { DhGroup } from "./kem.ts";
import { isX25519PublicKey } from "./x25519-encoding.ts";
import type { SodiumMemory } from "./sodium-memory.ts";

const KEY_LENGTH = 32;

export function sodiumX25519(memory: SodiumMemory): DhGroup {
  const { module } = memory;
  return {
    publicKeyLength: KEY_LENGTH,
    privateKeyLength: KEY_LENGTH,
    publicKey(privateKey) {
      if (privateKey.length !== KEY_LENGTH) return undefined;
      memory.begin(2 * KEY_LENGTH);
      const out = memory.reserve(KEY_LENGTH);
      module._crypto_scalarmult_base(out, memory.place(privateKey));
      const publicKey = memory.take(out, KEY_LENGTH);
      memory.end();
      return publicKey;
    },
    isPublicKey: isX25519PublicKey,
    sharedSecret(privateKey, publicKey) {
      if (privateKey.length !== KEY_LENGTH || !isX25519PublicKey(publicKey)) return undefined;
      memory.begin(3 * KEY_LENGTH);
      const out = memory.reserve(KEY_LENGTH);
      // libsodium fails on a shared secret of zeros, and so do we, although no public key that got here gives one.
      const code = module._crypto_scalarmult(out, memory.place(privateKey), memory.place(publicKey));
      const shared = code === 0 ? memory.take(out, KEY_LENGTH) : undefined;
      memory.end();
      return shared;
    },
  };
}

/** The base point, to add to a point which may not be on the curve. */
const BASE_POINT = new Uint8Array(ED25519_KEY_LENGTH).fill(0x66).fill(0x58, 0, 1);
const SECRET_LENGTH = 64;
const CACHED_KEYS = 64;

export function sodiumEd25519(memory: SodiumMemory): SignatureScheme {
  // libsodium wants seed and public key to sign; making the latter costs as much as a signature.
  const publicKeys = new KeyCache<Uint8Array>(CACHED_KEYS, (seed) => publicKeyOf(memory, seed));
  const publicKey = (seed: Uint8Array): Uint8Array | undefined =>
    seed.length === ED25519_KEY_LENGTH ? Uint8Array.from(publicKeys.get(seed)) : undefined;
  return {
    signatureLengthMax: ED25519_SIGNATURE_LENGTH,
    publicKeyLength: ED25519_KEY_LENGTH,
    keyPair(random) {
      const privateKey = draw(random, ED25519_KEY_LENGTH);
      return { privateKey, publicKey: Uint8Array.from(publicKeys.get(privateKey)) };
    },
    publicKey,
    isPublicKey: (key) => isPublicKey(memory, key),
    sign(privateKey, message) {
      if (privateKey.length !== ED25519_KEY_LENGTH) throw new RangeError("Ed25519 private key of a wrong length");
      return sign(memory, [privateKey, publicKeys.get(privateKey)], message);
    },
    verify: (key, message, signature) => verify(memory, { key, message, signature }),
  };
}

function publicKeyOf(memory: SodiumMemory, seed: Uint8Array): Uint8Array {
  memory.begin(2 * ED25519_KEY_LENGTH + SECRET_LENGTH);
  const out = memory.reserve(ED25519_KEY_LENGTH);
  memory.module._crypto_sign_seed_keypair(out, memory.reserve(SECRET_LENGTH), memory.place(seed));
  const publicKey = memory.take(out, ED25519_KEY_LENGTH);
  memory.end();
  return publicKey;
}

/** On the curve, canonical and not of small order. A component of small order beside a large one passes, as in RFC 8032. */
function isPublicKey(memory: SodiumMemory, key: Uint8Array): boolean {
  if (!isEd25519PointEncoding(key)) return false;
  memory.begin(3 * ED25519_KEY_LENGTH);
  const sum = memory.reserve(ED25519_KEY_LENGTH);
  const onCurve = memory.module._crypto_core_ed25519_add(sum, memory.place(key), memory.place(BASE_POINT)) === 0;
  memory.end();
  return onCurve;
}

function sign(memory: SodiumMemory, [seed, publicKey]: readonly [Uint8Array, Uint8Array], message: Uint8Array): Uint8Array {
  memory.begin(ED25519_SIGNATURE_LENGTH + SECRET_LENGTH + message.length);
  const out = memory.reserve(ED25519_SIGNATURE_LENGTH);
  const secret = memory.place(seed);
  // Both are a multiple of the alignment, so they lie side by side: libsodium's 64-byte form of a private key.
  memory.place(publicKey);
  memory.module._crypto_sign_detached(out, 0, memory.place(message), message.length, 0, secret);
  const signature = memory.take(out, ED25519_SIGNATURE_LENGTH);
  memory.end();
  return signature;
}

type Claim = { readonly key: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };

function verify(memory: SodiumMemory, { key, message, signature }: Claim): boolean {
  if (!isEd25519PointEncoding(key) || !isEd25519SignatureEncoding(signature)) return false;
  memory.begin(key.length + message.length + signature.length);
  const [signatureAt, messageAt, keyAt] = [memory.place(signature), memory.place(message), memory.place(key)];
  const code = memory.module._crypto_sign_verify_detached(signatureAt, messageAt, message.length, 0, keyAt);
  memory.end();
  return code === 0;
}
