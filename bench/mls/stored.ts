/**
 * What has to be stored: the bytes that change with each message and with a commit, and a whole state as a snapshot.
 */
import {
  createCommit,
  type CryptoProvider,
  decodeState,
  encodeState,
  type GroupState,
  receiveMessage,
  sealMessage,
  type StateDelta,
  stateDelta,
} from "@sotto/mls";
import { medianOf } from "../lib/median.ts";
import { align } from "../lib/align.ts";
import { duration } from "./lib/table.ts";
import { must, OwnGroups } from "./ours.ts";

export interface StoredContender {
  readonly name: string;
  readonly provider: CryptoProvider;
  readonly suiteId: number;
}

export interface StoredResult {
  readonly name: string;
  readonly n: number;
  /** Bytes of names and values of the records written or removed; a sender's first message also writes the secrets beside its path. */
  readonly bytes: Readonly<Record<"sentFirst" | "sent" | "receivedFirst" | "received" | "commit", number>>;
  /** Milliseconds to find the delta of a received message. */
  readonly deltaMs: number;
  readonly snapshotBytes: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
}

const ROUNDS = 15;

function bytesOf({ put, remove }: StateDelta): number {
  const written = put.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return remove.reduce((sum, key) => sum + key.length, written);
}

function medianMs(run: () => unknown): number {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    let runs = 0;
    do run();
    while ((runs += 1) < 1000 && performance.now() - started < 5);
    samples.push((performance.now() - started) / runs);
  }
  return medianOf(samples);
}

export function measureStored(contender: StoredContender, sizes: readonly number[]): readonly StoredResult[] {
  const groups = new OwnGroups(contender);
  return sizes.map((n) => measureOne(contender.name, n, groups));
}

function measureOne(name: string, n: number, groups: OwnGroups): StoredResult {
  const { context } = groups;
  const { founder, reader } = groups.of(n);
  const data = new Uint8Array(1024).fill(0x61);
  const first = must(sealMessage(founder, { data }, context));
  const second = must(sealMessage(first.state, { data }, context));
  const readFirst = must(receiveMessage(reader, first.message, context)).state;
  const readSecond = must(receiveMessage(readFirst, second.message, context)).state;
  const commit = must(createCommit(second.state, {}, context)).message;
  const changed = must(receiveMessage(readSecond, commit, context)).state;
  const delta = (before: GroupState, after: GroupState): number => bytesOf(stateDelta(before, after));
  const snapshot = encodeState(changed);
  return {
    name,
    n,
    bytes: {
      sentFirst: delta(founder, first.state),
      sent: delta(first.state, second.state),
      receivedFirst: delta(reader, readFirst),
      received: delta(readFirst, readSecond),
      commit: delta(readSecond, changed),
    },
    deltaMs: medianMs(() => stateDelta(readFirst, readSecond)),
    snapshotBytes: snapshot.length,
    encodeMs: medianMs(() => encodeState(changed)),
    decodeMs: medianMs(() => must(decodeState(snapshot))),
  };
}

const inBytes = (count: number): string => `${count.toLocaleString("en")} B`;

export function storedTable(results: readonly StoredResult[]): string {
  const names = [...new Set(results.map(({ name }) => name))];
  return names
    .map((name) =>
      section(
        name,
        results.filter((result) => result.name === name),
      ),
    )
    .join("\n\n");
}

function section(name: string, results: readonly StoredResult[]): string {
  const row = (title: string, cell: (result: StoredResult) => string): string[] => [`  ${title}`, ...results.map(cell)];
  return align([
    [`what is stored: ${name}`, ...results.map(({ n }) => `N=${String(n)}`)],
    row("delta: a member's first message, sent", ({ bytes }) => inBytes(bytes.sentFirst)),
    row("delta: a message sent", ({ bytes }) => inBytes(bytes.sent)),
    row("delta: a member's first message, received", ({ bytes }) => inBytes(bytes.receivedFirst)),
    row("delta: a message received", ({ bytes }) => inBytes(bytes.received)),
    row("delta: an update commit received", ({ bytes }) => inBytes(bytes.commit)),
    row("time to find the delta of a message", ({ deltaMs }) => duration(deltaMs)),
    row("snapshot", ({ snapshotBytes }) => inBytes(snapshotBytes)),
    row("snapshot: encode", ({ encodeMs }) => duration(encodeMs)),
    row("snapshot: decode", ({ decodeMs }) => duration(decodeMs)),
  ]);
}
