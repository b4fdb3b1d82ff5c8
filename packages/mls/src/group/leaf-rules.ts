/**
 * Validation of leaf nodes and key packages (RFC 9420 §7.3, §10.1) and of what members must support (§7.2, §11.1).
 */
import { equalBytes, keyText } from "../bytes.ts";
import { verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check } from "../outcome.ts";
import { isGrease, PROTOCOL_VERSION } from "../structs/capabilities.ts";
import { credentialType } from "../structs/credential.ts";
import { type Extension, isDefaultExtension } from "../structs/extension.ts";
import { type KeyPackage, keyPackageTbs } from "../structs/key-package.ts";
import { type LeafNode, leafNodeTbs, type LeafPosition } from "../structs/leaf-node.ts";
import { isDefaultProposal } from "../structs/proposal.ts";
import { requiredCapabilities } from "../structs/required-capabilities.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/** §7.3 for one leaf, all but what needs the other members. `position` is absent for a leaf inside a key package. */
export function checkLeafNode(suite: CipherSuite, leaf: LeafNode, position: LeafPosition | undefined): void {
  check(suite.isSignaturePublicKey(leaf.signatureKey) && suite.isHpkePublicKey(leaf.encryptionKey), "invalid_key");
  checkLeafContent(suite, leaf);
  const content = leafNodeTbs(leaf, position);
  check(verifyWithLabel(suite, leaf.signatureKey, { label: "LeafNodeTBS", content, signature: leaf.signature }), "invalid_signature");
}

/** §7.2, §7.3: a leaf's capabilities cover what it says itself. */
export function checkLeafContent(suite: CipherSuite, leaf: LeafNode): void {
  const { capabilities } = leaf;
  check(capabilities.versions.includes(PROTOCOL_VERSION) && capabilities.suites.includes(suite.id), "invalid_leaf");
  check(capabilities.credentials.includes(credentialType(leaf.credential)), "invalid_leaf");
  for (const extension of leaf.extensions) {
    check(isDefaultExtension(extension.type) || capabilities.extensions.includes(extension.type), "invalid_leaf");
  }
}

/** `now` in seconds since 1970-01-01 UTC. */
export function checkLifetime(leaf: LeafNode, now: bigint): void {
  if (leaf.source.kind !== "keyPackage") return;
  const { notBefore, notAfter } = leaf.source.lifetime;
  check(now >= notBefore && now <= notAfter, "lifetime");
}

/** §7.2: the application's bound on how long a leaf from a key package may be valid in all. */
export function checkLifetimeSpan(leaf: LeafNode, secondsMax: number): void {
  if (leaf.source.kind !== "keyPackage") return;
  const { notBefore, notAfter } = leaf.source.lifetime;
  check(notAfter >= notBefore && notAfter - notBefore <= secondsMax, "lifetime");
}

/** §10.1 */
export function checkKeyPackage(suite: CipherSuite, keyPackage: KeyPackage): void {
  check(keyPackage.version === PROTOCOL_VERSION, "unsupported_version");
  check(keyPackage.suiteId === suite.id, "invalid_key_package");
  check(keyPackage.leafNode.source.kind === "keyPackage", "invalid_key_package");
  check(suite.isHpkePublicKey(keyPackage.initKey), "invalid_key");
  check(!equalBytes(keyPackage.initKey, keyPackage.leafNode.encryptionKey), "invalid_key_package");
  checkLeafNode(suite, keyPackage.leafNode, undefined);
  const signed = { label: "KeyPackageTBS", content: keyPackageTbs(keyPackage), signature: keyPackage.signature };
  check(verifyWithLabel(suite, keyPackage.leafNode.signatureKey, signed), "invalid_signature");
}

type Needs = { readonly extensions: Set<number>; readonly proposals: Set<number>; readonly credentials: Set<number> };

/** Up to here looking through a list is quicker than making a set of it. */
const FEW = 8;

function checkListed(needed: ReadonlySet<number>, listed: readonly number[]): void {
  // Two long lists must not multiply for each of thousands of members.
  const set = needed.size > FEW ? new Set(listed) : undefined;
  for (const type of needed) check(set?.has(type) ?? listed.includes(type), "unsupported_capability");
}

function checkCovers({ capabilities }: LeafNode, needs: Needs): void {
  checkListed(needs.extensions, capabilities.extensions);
  checkListed(needs.proposals, capabilities.proposals);
  checkListed(needs.credentials, capabilities.credentials);
}

export type SupportNeeded = {
  readonly extensions: readonly Extension[];
  /** Types of the proposals in a commit: who processes the commit supports them, so `newcomers` need not. */
  readonly proposalTypes: readonly number[];
  readonly newcomers: ReadonlySet<LeafNode>;
};

/**
 * Every member supports the group's extensions, its required capabilities, the credential types in use, and the types of
 * the proposals in `proposalTypes` (§7.2, §7.3, §11.1, §12.2). Throws Reject.
 */
export function checkSupport(tree: RatchetTree, group: SupportNeeded): void {
  const required = requiredCapabilities(group.extensions);
  const needs: Needs = {
    extensions: new Set(
      [...group.extensions.map((extension) => extension.type), ...(required?.extensions ?? [])].filter((type) => !isDefaultExtension(type)),
    ),
    proposals: new Set((required?.proposals ?? []).filter((type) => !isDefaultProposal(type))),
    credentials: new Set(required?.credentials ?? []),
  };
  for (const { leaf } of tree.members()) needs.credentials.add(credentialType(leaf.credential));
  const processed = new Set(group.proposalTypes.filter((type) => !isDefaultProposal(type)));
  // §13.5: what a client really supports has no GREASE in it, even where all leaves happen to list the same value.
  for (const types of [needs.extensions, needs.proposals, needs.credentials, processed]) {
    for (const type of types) check(!isGrease(type), "unsupported_capability");
  }
  for (const { leaf } of tree.members()) {
    checkCovers(leaf, needs);
    if (!group.newcomers.has(leaf)) checkListed(processed, leaf.capabilities.proposals);
  }
}

/**
 * Keys that a commit brings into the tree stand nowhere else in it (§7.3, §12.4.2): `encryption` over all nodes, `signature`
 * over all leaves. Exactly one place holds each key that is looked for. Throws Reject.
 */
export function checkNewKeys(
  tree: RatchetTree,
  keys: { readonly encryption: readonly Uint8Array[]; readonly signature: readonly Uint8Array[] },
): void {
  const encryption = new Set(keys.encryption.map(keyText));
  const signature = new Set(keys.signature.map(keyText));
  check(encryption.size === keys.encryption.length && signature.size === keys.signature.length, "duplicate_key");
  if (encryption.size + signature.size === 0) return;
  const [encryptionSeen, signatureSeen] = [new Set<string>(), new Set<string>()];
  const see = (seen: Set<string>, wanted: ReadonlySet<string>, key: string): void => {
    if (!wanted.has(key)) return;
    check(!seen.has(key), "duplicate_key");
    seen.add(key);
  };
  for (let index = 0; index < tree.width; index++) {
    const node = tree.node(index);
    if (node === undefined) continue;
    see(encryptionSeen, encryption, keyText(node.kind === "leaf" ? node.leaf.encryptionKey : node.parent.encryptionKey));
    if (node.kind === "leaf") see(signatureSeen, signature, keyText(node.leaf.signatureKey));
  }
  check(encryptionSeen.size === encryption.size && signatureSeen.size === signature.size, "duplicate_key");
}
