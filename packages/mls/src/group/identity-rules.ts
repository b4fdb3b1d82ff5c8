/**
 * What this client is about to say of itself, checked as a receiver would check it: a leaf that others refuse would leave its
 * owner alone in an epoch that nobody else entered.
 */
import { equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import { encode } from "../codec/writer.ts";
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { check, Reject } from "../outcome.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "../structs/leaf-node.ts";
import { checkLeafContent } from "./leaf-rules.ts";

/** The private key belongs to the public one. Throws Reject `invalid_key`. */
export function checkSignatureKeys(suite: CipherSuite, keys: KeyPair): void {
  const derived = suite.signaturePublicKey(keys.privateKey);
  check(derived !== undefined && equalBytes(derived, keys.publicKey), "invalid_key");
}

/** Form and capabilities of an own leaf. Throws Reject `usage` for what cannot be encoded and read back. */
export function checkOwnLeaf(suite: CipherSuite, leaf: LeafNode): void {
  try {
    readWhole(readLeafNode, encode(writeLeafNode, leaf, 2048));
  } catch (error) {
    throw error instanceof Reject ? new Reject("usage") : error;
  }
  checkLeafContent(suite, leaf);
}
