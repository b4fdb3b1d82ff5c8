import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashesOf, newLogId } from "../../test/support/logs.ts";
import { decodeSegment, SegmentBuilder } from "./segment.ts";

const log = newLogId();

function built(): Uint8Array {
  const builder = new SegmentBuilder();
  builder.addCreate(log, 2 ** 40, hashesOf(log, 0));
  builder.addEntry(log, new Uint8Array([1, 2, 3]), undefined);
  builder.addEntry(log, new Uint8Array([4]), hashesOf(log, 1));
  return builder.finish();
}

describe("segments", () => {
  test("come back as they were written, with the places of entries", () => {
    const blob = built();
    const records = decodeSegment(blob);
    expect(records).toMatchObject([
      { type: "create", log, epoch: 2 ** 40, hashes: hashesOf(log, 0) },
      { type: "entry", log, entry: new Uint8Array([1, 2, 3]), next: undefined },
      { type: "entry", log, entry: new Uint8Array([4]), next: hashesOf(log, 1) },
    ]);
    const places = records.flatMap((record) => (record.type === "entry" ? [[record.offset, record.entry.length]] : []));
    expect(places.map(([offset = 0, length = 0]) => [...blob.subarray(offset, offset + length)])).toEqual([[1, 2, 3], [4]]);
  });

  test("with any changed, missing or additional byte are damaged", () => {
    const blob = built();
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(blob);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(() => decodeSegment(changed)).toThrow(expect.objectContaining({ code: "store_damaged" }));
        expect(() => decodeSegment(blob.subarray(0, at))).toThrow(expect.objectContaining({ code: "store_damaged" }));
      }),
    );
    expect(() => decodeSegment(Uint8Array.from([...blob, 0]))).toThrow(expect.objectContaining({ code: "store_damaged" }));
  });
});
