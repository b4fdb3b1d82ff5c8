/**
 * DHKEM(Group, HKDF-SHA256) of RFC 9180 §4.1 and §7.1, on a library's Diffie-Hellman group.
 *
 * An ephemeral pair is `DeriveKeyPair(random(Nsk))`, the way RFC 9180 §4 suggests and its test vectors are made.
 * A private key is not clamped here although §7.1.2 says so: the appendix's own vectors are not, and the group clamps on use.
 */
import { draw } from "./draw.ts";
import { ascii, concat, empty } from "../bytes.ts";
import { createLabeledKdf } from "./hpke-kdf.ts";
import type { Kdf, LabeledKdf } from "./hpke-kdf.ts";
import type { DhGroup, Encapsulation, Kem } from "./kem.ts";
import type { KeyPair, Random } from "./provider.ts";

/** RFC 9180 §7.1.3. */
type DeriveKeyPair = (group: DhGroup, labeled: LabeledKdf, inputKeyMaterial: Uint8Array) => KeyPair;

const KEM_P256 = 0x0010;
const KEM_X25519 = 0x0020;

const SECRET_LENGTH = 32;

export function createX25519Kem(group: DhGroup, sha256: Kdf): Kem {
  return createDhKem(KEM_X25519, group, { sha256, derive: deriveX25519KeyPair });
}

export function createP256Kem(group: DhGroup, sha256: Kdf): Kem {
  return createDhKem(KEM_P256, group, { sha256, derive: deriveP256KeyPair });
}

function deriveX25519KeyPair(group: DhGroup, labeled: LabeledKdf, inputKeyMaterial: Uint8Array): KeyPair {
  const pseudoRandomKey = labeled.extract(empty(), "dkp_prk", inputKeyMaterial);
  const privateKey = labeled.expand(pseudoRandomKey, "sk", { info: empty(), length: 32 });
  pseudoRandomKey.fill(0);
  const publicKey = group.publicKey(privateKey);
  if (publicKey === undefined) throw new Error("any 32 bytes are an X25519 private key");
  return { privateKey, publicKey };
}

function deriveP256KeyPair(group: DhGroup, labeled: LabeledKdf, inputKeyMaterial: Uint8Array): KeyPair {
  const pseudoRandomKey = labeled.extract(empty(), "dkp_prk", inputKeyMaterial);
  try {
    for (let counter = 0; counter < 256; counter++) {
      const privateKey = labeled.expand(pseudoRandomKey, "candidate", { info: Uint8Array.of(counter), length: 32 });
      // Refused with a probability of 2^-32: zero, or not below the group's order.
      const publicKey = group.publicKey(privateKey);
      if (publicKey !== undefined) return { privateKey, publicKey };
    }
    throw new Error("no candidate below the order of P-256 in 256 attempts");
  } finally {
    pseudoRandomKey.fill(0);
  }
}

type KeyDerivation = { readonly sha256: Kdf; readonly derive: DeriveKeyPair };

function createDhKem(id: number, group: DhGroup, { sha256, derive }: KeyDerivation): Kem {
  const labeled = createLabeledKdf(sha256, concat(ascii("KEM"), Uint8Array.of(id >> 8, id & 0xff)));

  /** `ExtractAndExpand`; overwrites the Diffie-Hellman result. */
  function extractAndExpand(shared: Uint8Array, kemOutput: Uint8Array, publicKey: Uint8Array): Uint8Array {
    const pseudoRandomKey = labeled.extract(empty(), "eae_prk", shared);
    shared.fill(0);
    const info = concat(kemOutput, publicKey);
    const secret = labeled.expand(pseudoRandomKey, "shared_secret", { info, length: SECRET_LENGTH });
    pseudoRandomKey.fill(0);
    return secret;
  }

  function encapsulate(publicKey: Uint8Array, random: Random): Encapsulation | undefined {
    if (!group.isPublicKey(publicKey)) return undefined;
    const seed = draw(random, group.privateKeyLength);
    const ephemeral = derive(group, labeled, seed);
    seed.fill(0);
    const shared = group.sharedSecret(ephemeral.privateKey, publicKey);
    ephemeral.privateKey.fill(0);
    if (shared === undefined) return undefined;
    return { sharedSecret: extractAndExpand(shared, ephemeral.publicKey, publicKey), kemOutput: ephemeral.publicKey };
  }

  function decapsulate(keys: KeyPair, kemOutput: Uint8Array): Uint8Array | undefined {
    if (!group.isPublicKey(kemOutput)) return undefined;
    const shared = group.sharedSecret(keys.privateKey, kemOutput);
    return shared && extractAndExpand(shared, kemOutput, keys.publicKey);
  }

  return {
    id,
    kemOutputLength: group.publicKeyLength,
    publicKeyLength: group.publicKeyLength,
    privateKeyLength: group.privateKeyLength,
    deriveKeyPair: (inputKeyMaterial) => derive(group, labeled, inputKeyMaterial),
    publicKey: group.publicKey,
    isPublicKey: group.isPublicKey,
    encapsulate,
    decapsulate,
  };
}
