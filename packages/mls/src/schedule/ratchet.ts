/**
 * One sender's symmetric ratchet (RFC 9420 §9.1)
 *
 *   key[j] = DeriveTreeSecret(secret[j], "key", j, Nk); nonce[j] = …("nonce", j, Nn); secret[j+1] = …("secret", j, Nh)
 *
 * Immutable: each step returns a new ratchet. Keys that a message jumped over are kept, up to a limit, for late messages.
 */
import { deriveTreeSecret } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, Reject } from "../outcome.ts";

export type MessageKey = { readonly generation: number; readonly key: Uint8Array; readonly nonce: Uint8Array };

export type Ratchet = {
  /** Generation that `secret` belongs to: the next one to come. */
  readonly generation: number;
  readonly secret: Uint8Array;
  /** Keys of generations below `generation` that were not used yet, oldest first. */
  readonly skipped: readonly MessageKey[];
};

export type RatchetWindow = { readonly forwardGenerations: number; readonly skippedKeys: number };

const GENERATION_MAX = 0xffffffff;

export function startRatchet(secret: Uint8Array): Ratchet {
  return { generation: 0, secret, skipped: [] };
}

/** The next key of a ratchet. */
export function advance(suite: CipherSuite, ratchet: Ratchet): { readonly ratchet: Ratchet; readonly key: MessageKey } {
  const { generation, secret } = ratchet;
  check(generation < GENERATION_MAX, "generations_exhausted");
  const key = {
    generation,
    key: deriveTreeSecret(suite, secret, { label: "key", generation, length: suite.aeadKeyLength }),
    nonce: deriveTreeSecret(suite, secret, { label: "nonce", generation, length: suite.aeadNonceLength }),
  };
  const next = deriveTreeSecret(suite, secret, { label: "secret", generation, length: suite.hashLength });
  return { ratchet: { generation: generation + 1, secret: next, skipped: ratchet.skipped }, key };
}

/**
 * The key of one generation, which can be had only once. The caller may overwrite it: where the given ratchet, which others may
 * still use, keeps it too, it is a copy. Throws Reject.
 */
export function keyAt(
  suite: CipherSuite,
  ratchet: Ratchet,
  wanted: { readonly generation: number; readonly window: RatchetWindow },
): { readonly ratchet: Ratchet; readonly key: MessageKey } {
  const { generation, window } = wanted;
  if (generation < ratchet.generation) {
    const key = ratchet.skipped.find((entry) => entry.generation === generation);
    if (key === undefined) throw new Reject("replayed");
    const skipped = ratchet.skipped.filter((entry) => entry !== key);
    return { ratchet: { ...ratchet, skipped }, key: { ...key, key: key.key.slice() } };
  }
  check(generation - ratchet.generation <= window.forwardGenerations, "generation_too_far");
  if (generation === ratchet.generation) return advance(suite, ratchet);
  let at = ratchet;
  const skipped = [...ratchet.skipped];
  while (at.generation < generation) {
    const step = advance(suite, at);
    if (at !== ratchet) at.secret.fill(0);
    at = step.ratchet;
    skipped.push(step.key);
  }
  const last = advance(suite, at);
  at.secret.fill(0);
  return { ratchet: { ...last.ratchet, skipped: window.skippedKeys === 0 ? [] : skipped.slice(-window.skippedKeys) }, key: last.key };
}
