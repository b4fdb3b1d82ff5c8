/**
 * Secret tree (RFC 9420 §9)
 *
 *   left = ExpandWithLabel(secret, "tree", "left", Nh); right = ExpandWithLabel(secret, "tree", "right", Nh)
 *   at a leaf: handshake ratchet = ExpandWithLabel(secret, "handshake", "", Nh), application = (…, "application", …)
 *
 * A persistent tree: every change copies the nodes from one leaf to the root and shares the rest, so an old state stays
 * intact, a message costs O(log n), and what changed can be found by identity. A node's secret is gone from the new tree
 * as soon as its children are derived.
 */
import { ascii, empty } from "../bytes.ts";
import { expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { isUnder, leftChild, rightChild, rootIndex } from "../tree/math.ts";
import { check } from "../outcome.ts";
import { type Ratchet, startRatchet } from "./ratchet.ts";

/** The two ratchets of a sender (§9.1). */
export type SenderRatchets = { readonly handshake: Ratchet; readonly application: Ratchet };

export type SecretNode =
  | { readonly kind: "secret"; readonly secret: Uint8Array }
  | { readonly kind: "branch"; readonly left: SecretNode; readonly right: SecretNode }
  | { readonly kind: "sender"; readonly ratchets: SenderRatchets };

export type SecretTree = { readonly leafCapacity: number; readonly top: SecretNode };

const LEFT = ascii("left");
const RIGHT = ascii("right");

export function startSecretTree(encryptionSecret: Uint8Array, leafCapacity: number): SecretTree {
  return { leafCapacity, top: { kind: "secret", secret: encryptionSecret } };
}

function open(suite: CipherSuite, node: SecretNode, index: number): Exclude<SecretNode, { kind: "secret" }> {
  if (node.kind !== "secret") return node;
  const derive = (label: string, context: Uint8Array): Uint8Array =>
    expandWithLabel(suite, node.secret, { label, context, length: suite.hashLength });
  if ((index & 1) === 0) {
    const handshake = startRatchet(derive("handshake", empty()));
    return { kind: "sender", ratchets: { handshake, application: startRatchet(derive("application", empty())) } };
  }
  const left: SecretNode = { kind: "secret", secret: derive("tree", LEFT) };
  return { kind: "branch", left, right: { kind: "secret", secret: derive("tree", RIGHT) } };
}

function wipeUsed(before: SenderRatchets, after: SenderRatchets): void {
  if (after.handshake.secret !== before.handshake.secret) before.handshake.secret.fill(0);
  if (after.application.secret !== before.application.secret) before.application.secret.fill(0);
}

type Step<T> = (ratchets: SenderRatchets) => { readonly ratchets: SenderRatchets; readonly value: T };

/** Lets `step` use and replace one sender's ratchets. Throws Reject for a leaf outside the tree. */
export function withSender<T>(
  suite: CipherSuite,
  tree: SecretTree,
  use: { readonly leafIndex: number; readonly step: Step<T> },
): { readonly tree: SecretTree; readonly value: T } {
  check(use.leafIndex < tree.leafCapacity, "unknown_sender");
  // What this call derives and uses up is in no tree. What the given tree holds may be in use elsewhere.
  const descend = (node: SecretNode, at: { readonly index: number; readonly isNew: boolean }): { node: SecretNode; value: T } => {
    const { index } = at;
    const opened = open(suite, node, index);
    if (node.kind === "secret" && at.isNew) node.secret.fill(0);
    if (opened.kind === "sender") {
      const { ratchets, value } = use.step(opened.ratchets);
      if (opened !== node) wipeUsed(opened.ratchets, ratchets);
      return { node: { kind: "sender", ratchets }, value };
    }
    const isNew = opened !== node;
    if (isUnder(use.leafIndex, leftChild(index))) {
      const below = descend(opened.left, { index: leftChild(index), isNew });
      return { node: { ...opened, left: below.node }, value: below.value };
    }
    const below = descend(opened.right, { index: rightChild(index), isNew });
    return { node: { ...opened, right: below.node }, value: below.value };
  };
  const { node, value } = descend(tree.top, { index: rootIndex(tree.leafCapacity), isNew: false });
  return { tree: { leafCapacity: tree.leafCapacity, top: node }, value };
}
