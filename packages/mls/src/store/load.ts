/**
 * A state from its records (`records.ts`). Every record must be used, and together they must make a whole state.
 */
import { type Reader, readWhole } from "../codec/reader.ts";
import type { GroupState, PastEpoch } from "../group/state.ts";
import { LIMITS } from "../limits.ts";
import { attempt, check, need, type Outcome, Reject } from "../outcome.ts";
import type { MessageKey, Ratchet } from "../schedule/ratchet.ts";
import type { SecretNode, SecretTree } from "../schedule/secret-tree.ts";
import { isLeaf, leftChild, nodeWidth, rightChild, rootIndex } from "../tree/math.ts";
import { RatchetTree, type TreeNode } from "../tree/ratchet-tree.ts";
import { readTreeNode } from "../tree/tree-codec.ts";
import { type RecordCounts, readEpoch, readGroupRecord, readPending, readSecret } from "./record-codec.ts";
import type { StateRecord } from "./records.ts";

/** Records by key; what was read is struck off. */
class RecordSet {
  readonly #values: Map<string, Uint8Array>;
  /** Skipped keys by `skipped/EPOCH/LEAF/KIND`. */
  readonly #skipped = new Map<string, MessageKey[]>();

  constructor(records: Iterable<StateRecord>) {
    this.#values = new Map(records);
    for (const [key, value] of this.#values) {
      if (!key.startsWith("skipped/")) continue;
      const cut = key.lastIndexOf("/");
      const generation = Number(key.slice(cut + 1));
      check(Number.isInteger(generation) && generation >= 0 && `${generation}` === key.slice(cut + 1), "invalid_snapshot");
      const read = (reader: Reader): MessageKey => ({ generation, key: reader.opaque(255), nonce: reader.opaque(255) });
      const list = this.#skipped.get(key.slice(0, cut)) ?? [];
      list.push(readWhole(read, value));
      this.#skipped.set(key.slice(0, cut), list);
      this.#values.delete(key);
    }
  }

  take<T>(key: string, read: (reader: Reader) => T): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    return readWhole(read, value);
  }

  takeSkipped(prefix: string): MessageKey[] {
    const list = this.#skipped.get(prefix) ?? [];
    this.#skipped.delete(prefix);
    return list.toSorted((a, b) => a.generation - b.generation);
  }

  get keys(): Iterable<string> {
    return this.#values.keys();
  }

  get isEmpty(): boolean {
    return this.#values.size === 0 && this.#skipped.size === 0;
  }
}

function isCapacity(count: number): boolean {
  return count >= 1 && count <= LIMITS.leavesMax && (count & (count - 1)) === 0;
}

function loadSecretTree(records: RecordSet, epoch: bigint, leafCapacity: number): SecretTree {
  check(isCapacity(leafCapacity), "invalid_snapshot");
  const withSkipped = (head: Omit<Ratchet, "skipped">, prefix: string): Ratchet => {
    const skipped = records.takeSkipped(prefix);
    check(
      skipped.every((entry) => entry.generation < head.generation),
      "invalid_snapshot",
    );
    return { ...head, skipped };
  };
  const loadNode = (index: number): SecretNode => {
    const record = records.take(`secret/${epoch}/${index}`, readSecret);
    if (record?.kind === "secret") return record;
    if (record !== undefined) {
      check(isLeaf(index), "invalid_snapshot");
      const prefix = `skipped/${epoch}/${index / 2}`;
      const handshake = withSkipped(record.handshake, `${prefix}/h`);
      return { kind: "sender", ratchets: { handshake, application: withSkipped(record.application, `${prefix}/a`) } };
    }
    check(!isLeaf(index), "invalid_snapshot");
    return { kind: "branch", left: loadNode(leftChild(index)), right: loadNode(rightChild(index)) };
  };
  return { leafCapacity, top: loadNode(rootIndex(leafCapacity)) };
}

function loadTree(records: RecordSet, { leafCapacity, nodeCount }: RecordCounts): RatchetTree {
  check(isCapacity(leafCapacity), "invalid_snapshot");
  const nodes: (TreeNode | undefined)[] = [];
  for (let index = 0; index < nodeWidth(leafCapacity); index++) {
    const node = records.take(`node/${index}`, readTreeNode);
    check(node === undefined || (node.kind === "leaf") === isLeaf(index), "invalid_snapshot");
    nodes.push(node);
  }
  check(nodes.filter((node) => node !== undefined).length === nodeCount, "invalid_snapshot");
  return new RatchetTree(nodes);
}

function loadPastEpochs(records: RecordSet, present: bigint): PastEpoch[] {
  const epochs = [...records.keys].filter((key) => key.startsWith("epoch/"));
  check(epochs.length <= LIMITS.pastEpochsMax, "limit_exceeded");
  const past = epochs.map((key): PastEpoch => {
    const { leafCapacity, ...epoch } = need(records.take(key, readEpoch), "invalid_snapshot");
    check(key === `epoch/${epoch.context.epoch}` && epoch.context.epoch < present, "invalid_snapshot");
    return { ...epoch, secretTree: loadSecretTree(records, epoch.context.epoch, leafCapacity) };
  });
  return past.toSorted((a, b) => (a.context.epoch < b.context.epoch ? 1 : -1));
}

function load(input: Iterable<StateRecord>): GroupState {
  const records = new RecordSet(input);
  const { leafCapacity, nodeCount, proposalCount, ...group } = need(records.take("group", readGroupRecord), "invalid_snapshot");
  const tree = loadTree(records, { leafCapacity, nodeCount, proposalCount });
  check(tree.leaf(group.ownLeafIndex) !== undefined, "invalid_snapshot");
  check(proposalCount <= LIMITS.pendingProposalsMax, "limit_exceeded");
  const proposals = Array.from({ length: proposalCount }, (_, i) => need(records.take(`proposal/${i}`, readPending), "invalid_snapshot"));
  const secretTree = loadSecretTree(records, group.context.epoch, leafCapacity);
  const pastEpochs = loadPastEpochs(records, group.context.epoch);
  check(records.isEmpty, "invalid_snapshot");
  return { ...group, tree, secretTree, proposals, pastEpochs };
}

/** Any damage gives `invalid_snapshot`, whatever the decoder said. */
export function stateFromRecords(records: Iterable<StateRecord>): Outcome<GroupState> {
  return attempt(() => {
    try {
      return load(records);
    } catch (error) {
      throw error instanceof Reject ? new Reject("invalid_snapshot") : error;
    }
  });
}
