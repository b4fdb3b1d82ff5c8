/** What the server writes itself (spec/server.md §Segments): vectors in `vectors/server/`, and hostile input, also behind a CRC that fits. */
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type CapabilityHashes, equalBytes, logId, toId } from "@sotto/protocol";
import { changedFrom, form, type Refused, testForms } from "@sotto/protocol/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeSegment, SegmentBuilder, type SegmentRecord } from "../src/log/segment.ts";
import { ServerError } from "../src/server-error.ts";

type Record = Omit<Extract<SegmentRecord, { type: "entry" }>, "offset"> | Extract<SegmentRecord, { type: "create" }>;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const log = toId(logId, filled(16, 0x41));
const hashes: CapabilityHashes = { read: filled(32, 1), write: filled(32, 2) };
const message: Record = { type: "entry", log, entry: filled(9, 0x55), next: undefined };

function encode(records: readonly Record[]): Uint8Array {
  const builder = new SegmentBuilder();
  for (const record of records) {
    if (record.type === "create") builder.addCreate(record.log, record.epoch, record.hashes);
    else builder.addEntry(record.log, record.entry, record.next);
  }
  return builder.finish();
}

type Read = { readonly ok: true; readonly value: readonly Record[] } | { readonly ok: false; readonly code: string };

function decode(bytes: Uint8Array): Read {
  try {
    const value = decodeSegment(bytes).map((record): Record => {
      if (record.type === "create") return record;
      const { offset: _, ...rest } = record;
      return rest;
    });
    return { ok: true, value };
  } catch (error) {
    if (error instanceof ServerError) return { ok: false, code: error.code };
    throw error;
  }
}

function withCrc(body: Uint8Array): Uint8Array {
  const segment = Uint8Array.of(...body, 0, 0, 0, 0);
  new DataView(segment.buffer).setUint32(body.length, crc32(body));
  return segment;
}

const bodyOf = (segment: Uint8Array): Uint8Array => segment.slice(0, -4);
const good = encode([message]);
const created = encode([{ type: "create", log, epoch: 0, hashes }]);
const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte));

const REFUSED: readonly Refused[] = [
  ["nothing", "store_damaged", new Uint8Array()],
  ["a head without an end", "store_damaged", good.slice(0, 5)],
  ["a changed byte", "store_damaged", changed(good, 12, 0xff)],
  ["another name", "store_damaged", withCrc(changed(bodyOf(good), 0, 0x54))],
  ["another version", "store_damaged", withCrc(changed(bodyOf(good), 4, 2))],
  ["a record of an unknown kind", "store_damaged", withCrc(changed(bodyOf(good), 5, 4))],
  ["an entry that goes beyond the end", "store_damaged", withCrc(changed(bodyOf(good), 25, 10))],
  ["an epoch above 2^53", "store_damaged", withCrc(changed(bodyOf(created), 22, 0x20))],
];

const FORMS = {
  segment: form<readonly Record[]>({
    spec: "spec/server.md, Segments",
    samples: [
      ["nothing", []],
      ["a message", [message]],
      [
        "a new log, its first message and the end of its epoch",
        [{ type: "create", log, epoch: 2 ** 40, hashes }, message, { type: "entry", log, entry: filled(300, 0x66), next: hashes }],
      ],
    ],
    encode,
    decode,
  }),
};

testForms(FORMS, { segment: REFUSED }, join(import.meta.dirname, "../../../vectors/server"));

test("what is damaged behind a CRC that fits is refused, or is what it says", () => {
  const bodies = FORMS.segment.samples.map(([, value]) => bodyOf(FORMS.segment.encode(value)));
  const property = fc.property(fc.constantFrom(...bodies).chain(changedFrom), (body) => {
    const segment = withCrc(body);
    const read = decode(segment);
    return read.ok ? equalBytes(encode(read.value), segment) : read.code === "store_damaged";
  });
  expect(fc.check(property, { numRuns: 2_000 })).toMatchObject({ failed: false });
});
