/**
 * TreeKEM (RFC 9420 §7.4 to §7.6): making, applying, encrypting and opening an update path.
 *
 *   path_secret[n+1] = DeriveSecret(path_secret[n], "path");  node_secret[n] = DeriveSecret(path_secret[n], "node")
 *   commit_secret = the path secret after the last node of the *filtered* direct path, whether or not that is the root
 */
import { draw } from "../crypto/draw.ts";
import { empty, equalBytes } from "../bytes.ts";
import { decryptWithLabel, deriveSecret, encryptorWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, KeyPair, Random } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import type { UpdatePath, UpdatePathNode } from "../structs/update-path.ts";
import { isUnder, parentOf, siblingOf } from "./math.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { parentHash } from "./tree-hash.ts";

/** One step of a filtered direct path: the node and its child on the copath, whose resolution is not empty. */
export type PathStep = { readonly node: number; readonly copath: number };

export type PrivateKeys = ReadonlyMap<number, KeyPair>;

/** What a path secret yields: key pairs of nodes from where it is known up to the top, and the commit secret. */
export type DerivedPath = { readonly keys: PrivateKeys; readonly commitSecret: Uint8Array };

/** §4.1.2 filtered direct path, lowest first. */
export function filteredDirectPath(tree: RatchetTree, leafIndex: number): PathStep[] {
  const steps: PathStep[] = [];
  const root = tree.root;
  for (let at = 2 * leafIndex; at !== root; at = parentOf(at)) {
    const copath = siblingOf(at);
    if (!tree.isEmptyResolution(copath)) steps.push({ node: parentOf(at), copath });
  }
  return steps;
}

/** Key pairs of `steps` from a path secret; secrets are overwritten as they are used. */
function derivePath(suite: CipherSuite, steps: readonly PathStep[], first: Uint8Array): DerivedPath & { readonly secrets: Uint8Array[] } {
  const keys = new Map<number, KeyPair>();
  const secrets: Uint8Array[] = [];
  let secret = first;
  for (const step of steps) {
    const nodeSecret = deriveSecret(suite, secret, "node");
    keys.set(step.node, suite.hpkeDeriveKeyPair(nodeSecret));
    nodeSecret.fill(0);
    secrets.push(secret);
    secret = deriveSecret(suite, secret, "path");
  }
  return { keys, secrets, commitSecret: secret };
}

/**
 * §7.5: replaces the sender's direct path by the given public keys and returns the parent hash that the sender's
 * new leaf has to carry. The tree changes in place.
 */
export function setPath(
  suite: CipherSuite,
  tree: RatchetTree,
  path: { readonly leafIndex: number; readonly steps: readonly PathStep[]; readonly publicKeys: readonly Uint8Array[] },
): Uint8Array {
  tree.blankPath(path.leafIndex);
  let hash = empty();
  for (let i = path.steps.length - 1; i >= 0; i--) {
    const step = need(path.steps[i], "invalid_path");
    const encryptionKey = need(path.publicKeys[i], "invalid_path");
    const parent = { encryptionKey, parentHash: hash, unmergedLeaves: [] };
    tree.set(step.node, { kind: "parent", parent });
    hash = parentHash(suite, tree, { parent, sibling: step.copath });
  }
  return hash;
}

/** A path that its maker can still encrypt: fresh keys, and the secret of each step. */
export type OwnPath = DerivedPath & { readonly steps: readonly PathStep[]; readonly secrets: readonly Uint8Array[] };

export function makePath(suite: CipherSuite, tree: RatchetTree, maker: { leafIndex: number; random: Random }): OwnPath {
  const steps = filteredDirectPath(tree, maker.leafIndex);
  return { steps, ...derivePath(suite, steps, draw(maker.random, suite.hashLength)) };
}

type Recipients = { readonly tree: RatchetTree; readonly context: Uint8Array; readonly added: ReadonlySet<number> };

/** Nodes that get a step's path secret: the copath's resolution without the leaves that this commit adds (§7.6). */
function recipientsOf(step: PathStep, { tree, added }: Recipients): number[] {
  return tree.resolution(step.copath).filter((node) => !added.has(node));
}

/** Encrypts each path secret to the other side of its node; `context` is the encoded provisional GroupContext. */
export function encryptPath(suite: CipherSuite, own: OwnPath, to: Recipients & { readonly random: Random }): UpdatePathNode[] {
  const encrypt = encryptorWithLabel(suite, { label: "UpdatePathNode", context: to.context, random: to.random });
  return own.steps.map((step, i) => {
    const plaintext = need(own.secrets[i], "invalid_path");
    const encryptedPathSecrets = recipientsOf(step, to).map((node) =>
      encrypt(need(to.tree.encryptionKey(node), "invalid_tree"), plaintext),
    );
    return { encryptionKey: need(own.keys.get(step.node), "invalid_path").publicKey, encryptedPathSecrets };
  });
}

/** §7.6: shape of a received path: one node a step and one ciphertext a recipient. Throws Reject. */
export function checkPathShape(suite: CipherSuite, path: UpdatePath, at: Recipients & { readonly steps: readonly PathStep[] }): void {
  check(path.nodes.length === at.steps.length, "invalid_path");
  for (const [i, step] of at.steps.entries()) {
    const node = need(path.nodes[i], "invalid_path");
    check(node.encryptedPathSecrets.length === recipientsOf(step, at).length, "invalid_path");
    check(suite.isHpkePublicKey(node.encryptionKey), "invalid_key");
  }
}

/**
 * Opens the one path secret that is meant for this member and derives everything above it. The derived public keys
 * must be those of the path (§7.6). Throws Reject, with `unreadable_path` for what only this member can see: others may have a good ciphertext.
 */
export function openPath(
  suite: CipherSuite,
  path: UpdatePath,
  at: Recipients & { readonly steps: readonly PathStep[]; readonly ownLeafIndex: number; readonly privateKeys: PrivateKeys },
): DerivedPath {
  const start = at.steps.findIndex((step) => isUnder(at.ownLeafIndex, step.copath));
  const step = need(at.steps[start], "invalid_path");
  const recipients = recipientsOf(step, at);
  const position = recipients.findIndex((node) => at.privateKeys.has(node));
  const keys = need(at.privateKeys.get(recipients[position] ?? -1), "invalid_path");
  const sealed = need(path.nodes[start]?.encryptedPathSecrets[position], "invalid_path");
  const secret = need(decryptWithLabel(suite, keys, { label: "UpdatePathNode", context: at.context, sealed }), "unreadable_path");
  check(secret.length === suite.hashLength, "unreadable_path");
  const derived = derivePath(suite, at.steps.slice(start), secret);
  for (const [i, aStep] of at.steps.entries()) {
    const own = derived.keys.get(aStep.node);
    if (own !== undefined) check(equalBytes(own.publicKey, path.nodes[i]?.encryptionKey ?? empty()), "unreadable_path");
  }
  for (const used of derived.secrets) used.fill(0);
  return { keys: derived.keys, commitSecret: derived.commitSecret };
}

/** A joiner's keys from the path secret in its Welcome, which stays untouched: from the lowest node above both it and the committer (§12.4.3.1). */
export function keysFromPathSecret(
  suite: CipherSuite,
  tree: RatchetTree,
  from: { readonly pathSecret: Uint8Array; readonly signer: number; readonly ownLeafIndex: number },
): PrivateKeys {
  const steps = filteredDirectPath(tree, from.signer);
  const start = steps.findIndex((step) => isUnder(from.ownLeafIndex, step.copath));
  check(start >= 0 && from.pathSecret.length === suite.hashLength, "invalid_welcome");
  const derived = derivePath(suite, steps.slice(start), from.pathSecret);
  for (const [node, keys] of derived.keys) {
    check(equalBytes(tree.encryptionKey(node) ?? empty(), keys.publicKey), "invalid_welcome");
  }
  for (const used of [...derived.secrets.slice(1), derived.commitSecret]) used.fill(0);
  return derived.keys;
}

/** Drops the keys of nodes that are blank now or have another key. */
export function currentKeys(tree: RatchetTree, keys: PrivateKeys): PrivateKeys {
  const kept = new Map<number, KeyPair>();
  for (const [node, pair] of keys) {
    const publicKey = node < tree.width ? tree.encryptionKey(node) : undefined;
    if (publicKey !== undefined && equalBytes(publicKey, pair.publicKey)) kept.set(node, pair);
  }
  return kept;
}
