/**
 * A state as records, and the records that differ between two states.
 *
 *   group                                     one; changes with the epoch and with pending proposals
 *   node/INDEX                                one for each nonblank node of the ratchet tree
 *   proposal/NUMBER                           pending proposals in order, numbered from 0
 *   epoch/EPOCH                               what a past epoch keeps
 *   secret/EPOCH/INDEX                        places of an epoch's secret tree: a secret, or a sender's two ratchets
 *   skipped/EPOCH/LEAF/h|a/GENERATION         keys kept for messages that were jumped over
 *
 * Numbers are decimal. Records of an epoch's secrets keep their names when the epoch becomes a past one, so a message writes
 * one sender's record (and, the first time, the secrets beside its path), and a commit the nodes that changed: never the tree.
 */
import { encode, type Writer } from "../codec/writer.ts";
import type { GroupState } from "../group/state.ts";
import type { Ratchet } from "../schedule/ratchet.ts";
import type { SecretNode, SecretTree } from "../schedule/secret-tree.ts";
import { leftChild, rightChild, rootIndex } from "../tree/math.ts";
import { writeTreeNode } from "../tree/tree-codec.ts";
import { type RecordCounts, senderRecord, writeEpoch, writeGroupRecord, writePending, writeSecret } from "./record-codec.ts";

export type StateRecord = readonly [key: string, value: Uint8Array];

export type StateDelta = { readonly put: readonly StateRecord[]; readonly remove: readonly string[] };

/** Collects what differs; a record is encoded only when it does. */
class Difference {
  readonly put: StateRecord[] = [];
  readonly remove: string[] = [];

  /** One record by identity of its source. */
  one<T>(
    key: string,
    pair: { readonly before: T | undefined; readonly after: T | undefined },
    write: (writer: Writer, value: T) => void,
  ): void {
    if (pair.before === pair.after) return;
    if (pair.after === undefined) this.remove.push(key);
    else this.put.push([key, encode(write, pair.after)]);
  }
}

function skippedKeys(difference: Difference, prefix: string, pair: { before: Ratchet | undefined; after: Ratchet | undefined }): void {
  if (pair.before?.skipped === pair.after?.skipped) return;
  const before = new Map(pair.before?.skipped.map((entry) => [entry.generation, entry]));
  const after = new Map(pair.after?.skipped.map((entry) => [entry.generation, entry]));
  for (const generation of new Set([...before.keys(), ...after.keys()])) {
    difference.one(`${prefix}/${generation}`, { before: before.get(generation), after: after.get(generation) }, (w, entry) =>
      w.opaque(entry.key).opaque(entry.nonce),
    );
  }
}

type Pair = { readonly before: SecretNode | undefined; readonly after: SecretNode | undefined };

function secretNodes(difference: Difference, epoch: bigint, at: Pair & { readonly index: number }): void {
  const { before, after, index } = at;
  if (before === after) return;
  const record = (node: SecretNode | undefined): SecretNode | undefined => (node?.kind === "branch" ? undefined : node);
  difference.one(`secret/${epoch}/${index}`, { before: record(before), after: record(after) }, (w, node) => {
    if (node.kind !== "branch") writeSecret(w, node.kind === "secret" ? node : senderRecord(node.ratchets));
  });
  const ratchets = (node: SecretNode | undefined) => (node?.kind === "sender" ? node.ratchets : undefined);
  const [old, now] = [ratchets(before), ratchets(after)];
  skippedKeys(difference, `skipped/${epoch}/${index / 2}/h`, { before: old?.handshake, after: now?.handshake });
  skippedKeys(difference, `skipped/${epoch}/${index / 2}/a`, { before: old?.application, after: now?.application });
  if (before?.kind !== "branch" && after?.kind !== "branch") return;
  const child = (node: SecretNode | undefined, side: "left" | "right") => (node?.kind === "branch" ? node[side] : undefined);
  secretNodes(difference, epoch, { before: child(before, "left"), after: child(after, "left"), index: leftChild(index) });
  secretNodes(difference, epoch, { before: child(before, "right"), after: child(after, "right"), index: rightChild(index) });
}

type Epochs = ReadonlyMap<bigint, { readonly tree: SecretTree; readonly past: GroupState["pastEpochs"][number] | undefined }>;

function epochsOf(state: GroupState | undefined): Epochs {
  if (state === undefined) return new Map();
  const epochs = new Map<bigint, { tree: SecretTree; past: GroupState["pastEpochs"][number] | undefined }>();
  for (const past of state.pastEpochs) epochs.set(past.context.epoch, { tree: past.secretTree, past });
  return epochs.set(state.context.epoch, { tree: state.secretTree, past: undefined });
}

function epochRecords(difference: Difference, before: GroupState | undefined, after: GroupState): void {
  const [old, now] = [epochsOf(before), epochsOf(after)];
  for (const epoch of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(epoch), now.get(epoch)];
    // A past epoch changes by its secret tree only; the rest of its record is compared by the context's identity.
    if (was?.past?.context !== is?.past?.context) {
      difference.one(`epoch/${epoch}`, { before: was?.past, after: is?.past }, (w, past) =>
        writeEpoch(w, { ...past, leafCapacity: past.secretTree.leafCapacity }),
      );
    }
    const sides =
      was?.tree.leafCapacity === is?.tree.leafCapacity ? [[was, is] as const] : [[was, undefined] as const, [undefined, is] as const];
    for (const [from, to] of sides) {
      const index = rootIndex((to ?? from)?.tree.leafCapacity ?? 1);
      secretNodes(difference, epoch, { before: from?.tree.top, after: to?.tree.top, index });
    }
  }
}

const groupFields = [
  "status",
  "context",
  "interimTranscriptHash",
  "confirmationTag",
  "ownLeafIndex",
  "signaturePrivateKey",
  "privateKeys",
  "secrets",
  "ownUpdates",
  "resumptionPsks",
  "reinit",
  "tree",
  "proposals",
] as const satisfies readonly (keyof GroupState)[];

function treeRecords(difference: Difference, before: GroupState | undefined, after: GroupState): void {
  if (before?.tree === after.tree) return;
  const width = Math.max(before?.tree.width ?? 0, after.tree.width);
  for (let index = 0; index < width; index++) {
    difference.one(`node/${index}`, { before: before?.tree.node(index), after: after.tree.node(index) }, writeTreeNode);
  }
}

function countsOf({ tree, proposals }: GroupState): RecordCounts {
  let nodeCount = 0;
  for (let index = 0; index < tree.width; index++) if (tree.node(index) !== undefined) nodeCount++;
  return { leafCapacity: tree.leafCapacity, nodeCount, proposalCount: proposals.length };
}

/**
 * What to write and delete to get from the stored `before` to `after` (`before` absent: everything). The records of the two
 * states may be written by one transaction; between them the store holds neither.
 */
export function stateDelta(before: GroupState | undefined, after: GroupState): StateDelta {
  const difference = new Difference();
  if (before === undefined || groupFields.some((name) => before[name] !== after[name])) {
    difference.put.push(["group", encode(writeGroupRecord, { ...after, ...countsOf(after) })]);
  }
  treeRecords(difference, before, after);
  const count = Math.max(before?.proposals.length ?? 0, after.proposals.length);
  for (let i = 0; i < count; i++) {
    difference.one(`proposal/${i}`, { before: before?.proposals[i], after: after.proposals[i] }, writePending);
  }
  epochRecords(difference, before, after);
  // A secret tree that has another size names its places anew, and some names stay.
  const put = new Set(difference.put.map(([key]) => key));
  return { put: difference.put, remove: difference.remove.filter((key) => !put.has(key)) };
}
