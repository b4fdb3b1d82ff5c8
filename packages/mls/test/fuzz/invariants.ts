/**
 * What has to hold in every epoch: all members agree, a joiner would accept the tree, and each member has exactly the private
 * keys of the tree that are its own (RFC 9420 §4.2 tree invariant). The checks use this repository's engine as it is.
 */
import type { GroupState } from "../../src/index.ts";
import { checkLeafNode } from "../../src/group/leaf-rules.ts";
import { contextBytes } from "../../src/schedule/key-schedule.ts";
import { directPath } from "../../src/tree/math.ts";
import type { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { readRatchetTree } from "../../src/tree/tree-codec.ts";
import { treeHash } from "../../src/tree/tree-hash.ts";
import { checkParentNodes, checkUniqueKeys } from "../../src/tree/validate-tree.ts";
import { toHex } from "../support/vectors.ts";
import { fingerprint } from "./fingerprint.ts";
import { must, same, type Seat, type World } from "./world.ts";

const EXPORT = { label: "fuzz", context: Uint8Array.of(1, 2, 3), length: 16 };

function nameOf(credential: { readonly kind: string; readonly identity?: Uint8Array }): string {
  return new TextDecoder().decode(credential.identity ?? new Uint8Array(0));
}

/** Everything that all members of an epoch have in common, as one text. */
function commonView({ person, state }: Seat): string {
  const { engine, context } = person;
  return [
    toHex(contextBytes(state.context)),
    toHex(must("authenticator", engine.epochAuthenticator(state))),
    toHex(must("export", engine.exportSecret(state, EXPORT, context))),
    toHex(state.interimTranscriptHash),
    toHex(engine.exportRatchetTree(state)),
    ...engine.members(state).map(({ leafIndex, leaf }) => `${leafIndex}=${nameOf(leaf.credential)}`),
  ].join(" ");
}

function checkTree(world: World, seat: Seat): RatchetTree {
  const { suite } = world.group;
  const tree = readRatchetTree(seat.person.engine.exportRatchetTree(seat.state));
  same("tree hash of the exported tree and of the group", treeHash(suite, tree), seat.state.context.treeHash);
  checkParentNodes(suite, tree);
  checkUniqueKeys(tree);
  const { groupId } = seat.state.context;
  const leaves = [...tree.members()];
  // Each signature was checked when its leaf came in; here a few are enough.
  for (const { leafIndex, leaf } of world.dice.some(leaves, 2)) checkLeafNode(suite, leaf, { groupId, leafIndex });
  return tree;
}

/** §4.2: private keys of its nonblank direct path, without the nodes where it is an unmerged leaf, and no others. */
function checkPrivateKeys(world: World, seat: Seat, tree: RatchetTree): void {
  const { state, person } = seat;
  const expected = directPath(2 * state.ownLeafIndex, tree.leafCapacity).filter((node) => {
    const parent = tree.parent(node);
    return parent !== undefined && !parent.unmergedLeaves.includes(state.ownLeafIndex);
  });
  const had = [...state.privateKeys.keys()].toSorted((a, b) => a - b);
  same(
    `private keys of ${person.name}`,
    had,
    [2 * state.ownLeafIndex, ...expected].toSorted((a, b) => a - b),
  );
  for (const [node, keys] of state.privateKeys) same(`public key of node ${node}`, keys.publicKey, tree.encryptionKey(node));
  if (!world.dice.chance(0.1)) return;
  for (const keys of state.privateKeys.values()) {
    same("derived public key", world.group.suite.hpkePublicKey(keys.privateKey), keys.publicKey);
  }
}

/** Checks the present epoch of the group from every seat. */
export function checkEpoch(world: World): void {
  const { seats, plan, closed } = world.group;
  const [first] = seats;
  if (first === undefined) throw new Error("a group is never empty");
  const view = commonView(first);
  const tree = checkTree(world, first);
  const names = [...tree.members()].map(({ leafIndex, leaf }) => [leafIndex, nameOf(leaf.credential)]);
  same("members of the tree and of the plan", names, plan.entries);
  for (const seat of seats) {
    same(`epoch of ${seat.person.name} and ${first.person.name}`, commonView(seat), view);
    same(`status of ${seat.person.name}`, seat.state.status, closed ? "closed" : "active");
    same(`seat of ${seat.person.name}`, plan.at(seat.state.ownLeafIndex), seat.person.name);
    same(`pending proposals of ${seat.person.name}`, seat.state.proposals.length + seat.state.ownUpdates.length, 0);
    checkPrivateKeys(world, seat, tree);
  }
}

/** Remembers how a state looks now. */
export function keep(world: World, what: string, state: GroupState): void {
  if (world.keepsakes.length < 12) world.keepsakes.push({ what, state, print: fingerprint(state) });
}

export function checkKeepsakes(world: World): void {
  for (const { what, state, print } of world.keepsakes) {
    if (fingerprint(state) !== print) throw new Error(`an old state changed (${what})`);
  }
  world.keepsakes.length = 0;
}
