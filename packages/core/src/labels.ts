/**
 * Labels of what core hashes, signs, derives and encrypts, framed as in the protocol (spec/identity.md §Signatures):
 *
 *   labelled(label, bytes) = length of "sotto " ‖ label in one byte ‖ "sotto " ‖ label ‖ bytes
 *   derive(secret, label, context) = HKDF-Expand(HKDF-Extract("", secret), labelled(label, context), length)     SHA-256
 */
import { concatBytes, encodeUtf8 } from "@sotto/protocol";
import type { CipherSuite } from "@sotto/mls";

export type CoreLabel =
  | "account card v1"
  | "archive key v1"
  | "archive segment v1"
  | "backup key v1"
  | "ephemeral v1"
  | "inbox note v1"
  | "link v1"
  | "master key check v1"
  | "master key wrap v1"
  | "recovery signer v1"
  | "vault key v1"
  | "vault lock check v1"
  | "vault lock v1"
  | "vault record v1"
  | "wrapped handshake v1";

export function labelledFor(label: CoreLabel, ...parts: readonly Uint8Array[]): Uint8Array {
  const text = encodeUtf8(`sotto ${label}`);
  return concatBytes(Uint8Array.of(text.length), text, ...parts);
}

export type Derivation = { readonly label: CoreLabel; readonly context: Uint8Array; readonly length: number };

export function derive(suite: CipherSuite, secret: Uint8Array, { label, context, length }: Derivation): Uint8Array {
  const pseudoRandomKey = suite.hkdfExtract(new Uint8Array(0), secret);
  return suite.hkdfExpand(pseudoRandomKey, labelledFor(label, context), length);
}
