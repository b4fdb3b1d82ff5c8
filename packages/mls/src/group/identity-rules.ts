/**
 * What this client is about to say of itself, checked as a receiver would check it: a leaf that others refuse would leave its
 * owner alone in an epoch that nobody else entered (RFC 9420 §7.3).
 */
import { equalBytes } from "../bytes.ts";
import { readWhole } from "../codec/reader.ts";
import { encode } from "../codec/writer.ts";
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { check, Reject } from "../outcome.ts";
import { PROTOCOL_VERSION } from "../structs/capabilities.ts";
import { type Commit, readCommit, writeCommit } from "../structs/commit.ts";
import type { Extension } from "../structs/extension.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "../structs/leaf-node.ts";
import type { ReInit } from "../structs/proposal.ts";
import type { MlsContext } from "./context.ts";
import { checkLeafContent } from "./leaf-rules.ts";

/** The private key belongs to the public one. Throws Reject `invalid_key`. */
export function checkSignatureKeys(suite: CipherSuite, keys: KeyPair): void {
  const derived = suite.signaturePublicKey(keys.privateKey);
  check(derived !== undefined && equalBytes(derived, keys.publicKey), "invalid_key");
}

/** A commit that its receivers can decode: the limits of §2.1 and of this implementation hold. Throws Reject. */
export function checkedCommit(commit: Commit): Commit {
  readWhole(readCommit, encode(writeCommit, commit, 4096));
  return commit;
}

/** A ReInit after which this client could make the successor. Throws Reject. */
export function checkOwnReInit(context: MlsContext, reinit: ReInit): void {
  check(reinit.version === PROTOCOL_VERSION, "unsupported_version");
  check(context.crypto.suite(reinit.suiteId) !== undefined, "unsupported_suite");
}

/** Distinct types, and no more than a receiver takes. Throws Reject `usage`. */
export function checkOwnExtensions(extensions: readonly Extension[]): void {
  const types = new Set(extensions.map(({ type }) => type));
  check(types.size === extensions.length && types.size <= LIMITS.extensionsMax, "usage");
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
