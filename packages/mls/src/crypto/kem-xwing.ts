/**
 * X-Wing = MLKEM768-X25519 (draft-connolly-cfrg-xwing-kem, draft-irtf-cfrg-concrete-hybrid-kems) as an HPKE KEM (draft-ietf-hpke-pq).
 *
 * `DeriveKeyPair` is the labelled one of draft-ietf-hpke-pq, not the bare SHAKE256 of the X-Wing draft, since the MLS hybrid suites point
 * at draft-ietf-hpke-pq. Stricter than both drafts: an X25519 share which is of small order or not canonical is refused.
 */
import { asciiBytes, concatBytes } from "./hpke-kdf.ts";
import type { DhGroup, Encapsulation, Kem, MlKem768 } from "./kem.ts";
import type { KeyPair, Random } from "./provider.ts";

export type XWingParts = {
  readonly mlKem: MlKem768;
  readonly x25519: DhGroup;
  readonly shake256: (data: Uint8Array, length: number) => Uint8Array;
  readonly sha3: (data: Uint8Array) => Uint8Array;
};

export const KEM_XWING = 0x647a;

const SEED_LENGTH = 32;
const ML_KEM_KEY = 1184;
const ML_KEM_CIPHERTEXT = 1088;
const X25519_KEY = 32;
const KEY_LENGTH = ML_KEM_KEY + X25519_KEY;
const OUTPUT_LENGTH = ML_KEM_CIPHERTEXT + X25519_KEY;
/** `\.//^\` */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
/** `SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32)` hashes the key material and then this. */
const DERIVE_SUFFIX = concatBytes(
  asciiBytes("HPKE-v1KEM"),
  Uint8Array.of(KEM_XWING >> 8, KEM_XWING & 0xff, 0, 13),
  asciiBytes("DeriveKeyPair"),
  Uint8Array.of(0, SEED_LENGTH),
);

type Expanded = { readonly mlKemSeed: Uint8Array; readonly x25519Key: Uint8Array };

export function createXWingKem(parts: XWingParts): Kem {
  const { mlKem, x25519, shake256, sha3 } = parts;

  const expandKey = (seed: Uint8Array): Expanded => {
    const expanded = shake256(seed, 96);
    return { mlKemSeed: expanded.subarray(0, 64), x25519Key: expanded.subarray(64) };
  };

  function publicKey(seed: Uint8Array): Uint8Array | undefined {
    if (seed.length !== SEED_LENGTH) return undefined;
    const { mlKemSeed, x25519Key } = expandKey(seed);
    const traditional = x25519.publicKey(x25519Key);
    const key = traditional && concatBytes(mlKem.publicKey(mlKemSeed), traditional);
    mlKemSeed.fill(0);
    x25519Key.fill(0);
    return key;
  }

  function deriveKeyPair(inputKeyMaterial: Uint8Array): KeyPair {
    const labeled = concatBytes(inputKeyMaterial, DERIVE_SUFFIX);
    const privateKey = shake256(labeled, SEED_LENGTH);
    labeled.fill(0);
    const derived = publicKey(privateKey);
    if (derived === undefined) throw new Error("a derived private key is always valid");
    return { privateKey, publicKey: derived };
  }

  const isPublicKey = (key: Uint8Array): boolean =>
    key.length === KEY_LENGTH && x25519.isPublicKey(key.subarray(ML_KEM_KEY)) && mlKem.isPublicKey(key.subarray(0, ML_KEM_KEY));

  /** Overwrites both shared secrets. */
  function combine(secrets: readonly [Uint8Array, Uint8Array], x25519Output: Uint8Array, x25519Public: Uint8Array): Uint8Array {
    const joined = concatBytes(...secrets, x25519Output, x25519Public, LABEL);
    const sharedSecret = sha3(joined);
    joined.fill(0);
    for (const secret of secrets) secret.fill(0);
    return sharedSecret;
  }

  function encapsulate(key: Uint8Array, random: Random): Encapsulation | undefined {
    if (key.length !== KEY_LENGTH) return undefined;
    const x25519Public = key.subarray(ML_KEM_KEY);
    if (!x25519.isPublicKey(x25519Public)) return undefined;
    const seed = random(64);
    const ephemeral = seed.subarray(32);
    const output = x25519.publicKey(ephemeral);
    const shared = x25519.sharedSecret(ephemeral, x25519Public);
    const postQuantum = mlKem.encapsulate(key.subarray(0, ML_KEM_KEY), seed.subarray(0, 32));
    seed.fill(0);
    if (output === undefined || shared === undefined || postQuantum === undefined) return undefined;
    return {
      sharedSecret: combine([postQuantum.sharedSecret, shared], output, x25519Public),
      kemOutput: concatBytes(postQuantum.kemOutput, output),
    };
  }

  function decapsulate(keys: KeyPair, kemOutput: Uint8Array): Uint8Array | undefined {
    if (keys.privateKey.length !== SEED_LENGTH || keys.publicKey.length !== KEY_LENGTH) return undefined;
    const x25519Output = kemOutput.subarray(ML_KEM_CIPHERTEXT);
    if (kemOutput.length !== OUTPUT_LENGTH || !x25519.isPublicKey(x25519Output)) return undefined;
    const { mlKemSeed, x25519Key } = expandKey(keys.privateKey);
    const shared = x25519.sharedSecret(x25519Key, x25519Output);
    const postQuantum = mlKem.decapsulate(mlKemSeed, kemOutput.subarray(0, ML_KEM_CIPHERTEXT));
    mlKemSeed.fill(0);
    x25519Key.fill(0);
    if (shared === undefined || postQuantum === undefined) return undefined;
    return combine([postQuantum, shared], x25519Output, keys.publicKey.subarray(ML_KEM_KEY));
  }

  return {
    id: KEM_XWING,
    kemOutputLength: OUTPUT_LENGTH,
    publicKeyLength: KEY_LENGTH,
    privateKeyLength: SEED_LENGTH,
    deriveKeyPair,
    publicKey,
    isPublicKey,
    encapsulate,
    decapsulate,
  };
}
