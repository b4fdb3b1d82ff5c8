/**
 * The memory that decoding takes, as `spec/mls-profile.md` states it: at most 128 bytes for a byte of input and 1 MiB, and in all at most
 * four times the input and 160 MiB.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { decode } from "../../src/codec/reader.ts";
import { Writer } from "../../src/codec/writer.ts";
import { decodeMlsMessage, LIMITS } from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import { readCommit } from "../../src/structs/commit.ts";
import { readWelcome } from "../../src/structs/welcome.ts";
import { readRatchetTree } from "../../src/tree/tree-codec.ts";

const MIB = 1024 * 1024;
const BYTES_PER_BYTE = 128;

let collect: () => void = () => undefined;

beforeAll(() => {
  setFlagsFromString("--expose-gc");
  collect = runInNewContext("gc") as () => void;
});

/** What is being measured, out of reach of the collector. */
let holding: { readonly ok: boolean } = { ok: true };

function inUse(): number {
  // Memory outside the heap is given back while the next collection runs.
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that the decoded value holds on to, and whether it was decoded at all. */
function taken(input: Uint8Array, use: (input: Uint8Array) => { readonly ok: boolean }): { readonly bytes: number; readonly ok: boolean } {
  use(input.slice(0, 100));
  const before = inUse();
  holding = use(input);
  const bytes = inUse() - before;
  const { ok } = holding;
  holding = { ok };
  return { bytes, ok };
}

function repeated(count: number, item: Uint8Array): Uint8Array {
  const list = new Uint8Array(count * item.length);
  for (let i = 0; i < count; i++) list.set(item, i * item.length);
  return list;
}

function built(write: (writer: Writer) => unknown): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

function extensions(length: number): Uint8Array {
  return built((w) =>
    w.vector(
      Array.from({ length: 64 }, (_, type) => type),
      (v, type) => v.u16(type).opaque(new Uint8Array(length)),
    ),
  );
}

function commitOf(count: number, proposal: Uint8Array): Uint8Array {
  return built((w) => w.opaque(repeated(count, proposal)).u8(0));
}

const none = new Uint8Array(0);
const leaf = (list: Uint8Array): Uint8Array =>
  built((w) => w.opaque(none).opaque(none).u16(1).opaque(none).raw(new Uint8Array(5)).u8(2).raw(list).opaque(none));
const reads = {
  commit: (bytes: Uint8Array) => decode(readCommit, bytes),
  welcome: (bytes: Uint8Array) => decode(readWelcome, bytes),
  tree: (bytes: Uint8Array) => attempt(() => readRatchetTree(bytes)),
};

/** As much as possible from as little as possible, below the limit of items. */
const greedy: readonly [string, () => Uint8Array, (bytes: Uint8Array) => { readonly ok: boolean }][] = [
  ["empty references", () => commitOf(16_000, Uint8Array.of(2, 0)), reads.commit],
  ["references of one byte", () => commitOf(16_000, Uint8Array.of(2, 1, 7)), reads.commit],
  [
    "empty extensions",
    () =>
      commitOf(
        8_000,
        built((w) => w.u8(1).u16(7).raw(extensions(0))),
      ),
    reads.commit,
  ],
  [
    "extensions of one byte",
    () =>
      commitOf(
        8_000,
        built((w) => w.u8(1).u16(7).raw(extensions(1))),
      ),
    reads.commit,
  ],
  [
    "extensions of twenty bytes",
    () =>
      commitOf(
        8_000,
        built((w) => w.u8(1).u16(7).raw(extensions(20))),
      ),
    reads.commit,
  ],
  [
    "byte strings that have memory of their own",
    () =>
      commitOf(
        3_200,
        built((w) => w.u8(1).u16(7).raw(extensions(70))),
      ),
    reads.commit,
  ],
  [
    "leaves with many extensions",
    () =>
      built((w) =>
        w.opaque(
          repeated(
            4_000,
            built((v) =>
              v
                .u8(1)
                .u8(1)
                .raw(leaf(extensions(1)))
                .u8(0),
            ),
          ).slice(0, -1),
        ),
      ),
    reads.tree,
  ],
  [
    "small leaves",
    () =>
      built((w) =>
        w.opaque(
          repeated(
            16_000,
            built((v) =>
              v
                .u8(1)
                .u8(1)
                .raw(leaf(Uint8Array.of(0)))
                .u8(0),
            ),
          ).slice(0, -1),
        ),
      ),
    reads.tree,
  ],
  [
    "secrets of a Welcome",
    () =>
      built((w) =>
        w
          .u16(1)
          .opaque(repeated(16_000, new Uint8Array(3)))
          .opaque(none),
      ),
    reads.welcome,
  ],
];

describe("a decoded value holds at most 128 bytes for a byte of input", () => {
  test.each(greedy)("%s", (_, input, use) => {
    const bytes = input();
    const { bytes: held, ok } = taken(bytes, use);
    expect(ok).toBe(true);
    expect(held).toBeLessThan(BYTES_PER_BYTE * bytes.length + MIB);
    expect(held).toBeLessThan(4 * bytes.length + 160 * MIB);
  });
});

describe("more than that is refused", () => {
  test("when small items fill a large message", () => {
    const bytes = commitOf(
      16_000,
      built((w) => w.u8(1).u16(7).raw(extensions(1))),
    );
    const before = inUse();
    expect(reads.commit(bytes)).toMatchObject({ ok: false, code: "limit_exceeded" });
    expect(inUse() - before).toBeLessThan(MIB);
  });
  test("when a length promises more than is there", () => {
    const before = inUse();
    for (const length of [0x3fffffff, 0x00ffffff]) {
      const bytes = built((w) =>
        w
          .u16(1)
          .u16(3)
          .u16(1)
          .u32((0x80000000 | length) >>> 0),
      );
      expect(decodeMlsMessage(bytes)).toMatchObject({ ok: false, code: "decode_truncated" });
    }
    expect(inUse() - before).toBeLessThan(MIB);
  });
  test("when the message itself is too large", () => {
    expect(decodeMlsMessage(new Uint8Array(LIMITS.messageBytesMax + 1))).toMatchObject({ ok: false, code: "limit_exceeded" });
  });
});
