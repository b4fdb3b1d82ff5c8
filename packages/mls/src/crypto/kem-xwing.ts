/**
 * X-Wing = MLKEM768-X25519 (draft-connolly-cfrg-xwing-kem, draft-irtf-cfrg-concrete-hybrid-kems) as an HPKE KEM (draft-ietf-hpke-pq).
 *
 * `DeriveKeyPair` is the labelled one of draft-ietf-hpke-pq, not the bare SHAKE256 of the X-Wing draft, since the MLS hybrid suites point
 * at draft-ietf-hpke-pq. Stricter than both drafts: an X25519 share which is of small order or not canonical is refused.
 */
import { draw } from "./draw.ts";
import { ascii, concat } from "../bytes.ts";
import type { DhGroup, Encapsulation, Kem, MlKem768 } from "./kem.ts";
import type { KeyPair, Random } from "./provider.ts";

export type XWingParts = {
  readonly mlKem: MlKem768;
  readonly x25519: DhGroup;
  readonly shake256: (data: Uint8Array, length: number) => Uint8Array;
  readonly sha3: (data: Uint8Array) => Uint8Array;
};

const KEM_XWING = 0x647a;

const SEED_LENGTH = 32;
const ML_KEM_KEY = 1184;
const ML_KEM_CIPHERTEXT = 1088;
const X25519_KEY = 32;
const KEY_LENGTH = ML_KEM_KEY + X25519_KEY;
const OUTPUT_LENGTH = ML_KEM_CIPHERTEXT + X25519_KEY;
/** `\.//^\` */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
/** `SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32)` hashes the key material and then this. */
const DERIVE_SUFFIX = concat(
  ascii("HPKE-v1KEM"),
  Uint8Array.of(KEM_XWING >> 8, KEM_XWING & 0xff, 0, 13),
  ascii("DeriveKeyPair"),
  Uint8Array.of(0, SEED_LENGTH),
);

type Expanded = { readonly mlKemSeed: Uint8Array; readonly x25519Key: Uint8Array };

/** The X25519 values that the combiner binds the shared secret to. */
type Bound = { readonly output: Uint8Array; readonly publicKey: Uint8Array };

export function createXWingKem(parts: XWingParts): Kem {
  return {
    id: KEM_XWING,
    kemOutputLength: OUTPUT_LENGTH,
    publicKeyLength: KEY_LENGTH,
    privateKeyLength: SEED_LENGTH,
    deriveKeyPair: (inputKeyMaterial) => deriveKeyPair(parts, inputKeyMaterial),
    publicKey: (seed) => publicKeyOf(parts, seed),
    isPublicKey: (key) => isPublicKey(parts, key),
    encapsulate: (key, random) => encapsulate(parts, key, random),
    decapsulate: (keys, kemOutput) => decapsulate(parts, keys, kemOutput),
  };
}

function isPublicKey({ mlKem, x25519 }: XWingParts, key: Uint8Array): boolean {
  return key.length === KEY_LENGTH && x25519.isPublicKey(key.subarray(ML_KEM_KEY)) && mlKem.isPublicKey(key.subarray(0, ML_KEM_KEY));
}

function expandKey({ shake256 }: XWingParts, seed: Uint8Array): Expanded {
  const expanded = shake256(seed, 96);
  return { mlKemSeed: expanded.subarray(0, 64), x25519Key: expanded.subarray(64) };
}

function publicKeyOf(parts: XWingParts, seed: Uint8Array): Uint8Array | undefined {
  if (seed.length !== SEED_LENGTH) return undefined;
  const { mlKemSeed, x25519Key } = expandKey(parts, seed);
  const traditional = parts.x25519.publicKey(x25519Key);
  const key = traditional && concat(parts.mlKem.publicKey(mlKemSeed), traditional);
  mlKemSeed.fill(0);
  x25519Key.fill(0);
  return key;
}

function deriveKeyPair(parts: XWingParts, inputKeyMaterial: Uint8Array): KeyPair {
  const labeled = concat(inputKeyMaterial, DERIVE_SUFFIX);
  const privateKey = parts.shake256(labeled, SEED_LENGTH);
  labeled.fill(0);
  const publicKey = publicKeyOf(parts, privateKey);
  if (publicKey === undefined) throw new Error("a derived private key is always valid");
  return { privateKey, publicKey };
}

function encapsulate({ mlKem, x25519, sha3 }: XWingParts, key: Uint8Array, random: Random): Encapsulation | undefined {
  if (key.length !== KEY_LENGTH) return undefined;
  const publicKey = key.subarray(ML_KEM_KEY);
  const seed = draw(random, 64);
  const ephemeral = seed.subarray(32);
  const output = x25519.publicKey(ephemeral);
  const shared = x25519.sharedSecret(ephemeral, publicKey);
  const postQuantum = mlKem.encapsulate(key.subarray(0, ML_KEM_KEY), seed.subarray(0, 32));
  seed.fill(0);
  if (output === undefined || shared === undefined || postQuantum === undefined) return undefined;
  return {
    sharedSecret: combine(sha3, [postQuantum.sharedSecret, shared], { output, publicKey }),
    kemOutput: concat(postQuantum.kemOutput, output),
  };
}

function decapsulate(parts: XWingParts, keys: KeyPair, kemOutput: Uint8Array): Uint8Array | undefined {
  if (keys.privateKey.length !== SEED_LENGTH || keys.publicKey.length !== KEY_LENGTH || kemOutput.length !== OUTPUT_LENGTH)
    return undefined;
  const output = kemOutput.subarray(ML_KEM_CIPHERTEXT);
  const { mlKemSeed, x25519Key } = expandKey(parts, keys.privateKey);
  const shared = parts.x25519.sharedSecret(x25519Key, output);
  const postQuantum = parts.mlKem.decapsulate(mlKemSeed, kemOutput.subarray(0, ML_KEM_CIPHERTEXT));
  mlKemSeed.fill(0);
  x25519Key.fill(0);
  if (shared === undefined || postQuantum === undefined) return undefined;
  return combine(parts.sha3, [postQuantum, shared], { output, publicKey: keys.publicKey.subarray(ML_KEM_KEY) });
}

/** Overwrites both shared secrets. */
function combine(sha3: XWingParts["sha3"], secrets: readonly [Uint8Array, Uint8Array], { output, publicKey }: Bound): Uint8Array {
  const joined = concat(...secrets, output, publicKey, LABEL);
  const sharedSecret = sha3(joined);
  joined.fill(0);
  for (const secret of secrets) secret.fill(0);
  return sharedSecret;
}
