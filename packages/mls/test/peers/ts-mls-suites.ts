/**
 * Cipher suites for ts-mls: its own, and our hybrid ones, assembled from its parts under our private numbers.
 *
 * Its P-256 signature keys are compressed points, which RFC 9420 §5.1.1 rules out; here they are made as uncompressed ones, which it takes
 * as well.
 *
 * It writes a suite it has no name for as the number that its name spells, so a suite called "61441" is 0xf001 on the wire.
 */
import {
  type Ciphersuite,
  type CiphersuiteImpl,
  type CiphersuiteName,
  ciphersuites,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  type HpkeAlgorithm,
} from "ts-mls";
import { p256 } from "@noble/curves/nist.js";
import { SUITE } from "../../src/suites.ts";
import { Unsupported, utf8 } from "./peer.ts";

/** What the installed optional packages allow: all but the two with X448. */
export const suites: readonly number[] = [1, 2, 3, 5, 7, SUITE.mlkem768X25519Aes128, SUITE.xwingAes256Sha512];

const hybrids = new Map<number, { readonly hash: Ciphersuite["hash"]; readonly hpke: HpkeAlgorithm }>([
  [SUITE.mlkem768X25519Aes128, { hash: "SHA-256", hpke: { kem: "X-Wing", kdf: "HKDF-SHA256", aead: "AES128GCM" } }],
  [SUITE.xwingAes256Sha512, { hash: "SHA-512", hpke: { kem: "X-Wing", kdf: "HKDF-SHA512", aead: "AES256GCM" } }],
]);

export function suiteName(suite: number): CiphersuiteName {
  for (const [name, id] of Object.entries(ciphersuites)) if (id === suite) return name as CiphersuiteName;
  if (hybrids.has(suite)) return String(suite) as CiphersuiteName;
  throw new Unsupported("ts-mls", `suite ${String(suite)}`);
}

/**
 * What draft-ietf-hpke-pq puts behind the key material before it is hashed: "HPKE-v1", "KEM" and the KEM's number, the label with its length,
 * the length of the result, and an empty context. The library hashes the key material alone, after the X-Wing draft.
 */
const derivation = Uint8Array.from([...utf8("HPKE-v1KEM"), 0x64, 0x7a, 0, 13, ...utf8("DeriveKeyPair"), 0, 32]);

export async function suiteImpl(suite: number): Promise<CiphersuiteImpl> {
  const name = suiteName(suite);
  const hybrid = hybrids.get(suite);
  if (hybrid === undefined) return withUncompressedKeys(await getCiphersuiteImpl(getCiphersuiteFromName(name)));
  const made = await getCiphersuiteImpl({ ...hybrid, signature: "Ed25519", name });
  const deriveKeyPair: CiphersuiteImpl["hpke"]["deriveKeyPair"] = async (material) =>
    await made.hpke.deriveKeyPair(Uint8Array.from([...material, ...derivation]));
  return { ...made, hpke: { ...made.hpke, deriveKeyPair } };
}

function withUncompressedKeys(made: CiphersuiteImpl): CiphersuiteImpl {
  if (ciphersuites[made.name] !== SUITE.p256Aes128) return made;
  const keygen: CiphersuiteImpl["signature"]["keygen"] = async () => {
    const signKey = p256.utils.randomSecretKey();
    return await Promise.resolve({ signKey, publicKey: p256.getPublicKey(signKey, false) });
  };
  return { ...made, signature: { ...made.signature, keygen } };
}
