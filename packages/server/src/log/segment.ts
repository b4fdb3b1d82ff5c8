/**
 * A segment: the records of one group commit, or of a part of it, as one blob (spec/server.md §Segments).
 *
 *   magic "SOTS"[4]  version 1[1]  records…  CRC-32 of all before [4]            numbers big-endian
 *
 *   record   type[1]  log[16]  …
 *     1 create   epoch[8]  read hash[32]  write hash[32]
 *     2 message  length[4]  entry                                     the entry as it is sent (spec/log.md §Entries)
 *     3 handshake  read hash[32]  write hash[32]  length[4]  entry    hashes of the next epoch
 *
 * One row for each commit instead of one for each entry keeps the pages that a commit touches together: a third to a ninth of the work.
 */
import { crc32 } from "node:zlib";
import { type CapabilityHashes, concatBytes, type LogId, logId, toId, uint64ToBytes } from "@sotto/protocol";
import { ServerError } from "../server-error.ts";

const HEAD = Uint8Array.of(0x53, 0x4f, 0x54, 0x53, 1);
const LOG_BYTES = 16;
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;
const CRC_BYTES = 4;

export type SegmentRecord =
  | { readonly type: "create"; readonly log: LogId; readonly epoch: number; readonly hashes: CapabilityHashes }
  | {
      readonly type: "entry";
      readonly log: LogId;
      readonly next: CapabilityHashes | undefined;
      readonly entry: Uint8Array;
      /** Where the entry starts in the segment. */
      readonly offset: number;
    };

function uint32ToBytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Collects records. `add…` changes the builder. */
export class SegmentBuilder {
  #parts: Uint8Array[] = [HEAD];
  #length = HEAD.length;

  get byteLength(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 1;
  }

  #add(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#length += part.length;
    }
  }

  addCreate(log: LogId, epoch: number, hashes: CapabilityHashes): void {
    this.#add(Uint8Array.of(1), log, uint64ToBytes(epoch), hashes.read, hashes.write);
  }

  /** Where the entry starts in the segment. */
  addEntry(log: LogId, entry: Uint8Array, next: CapabilityHashes | undefined): number {
    const head = new Uint8Array(1 + LOG_BYTES + (next === undefined ? 0 : 2 * HASH_BYTES) + LENGTH_BYTES);
    head[0] = next === undefined ? 2 : 3;
    head.set(log, 1);
    if (next !== undefined) {
      head.set(next.read, 1 + LOG_BYTES);
      head.set(next.write, 1 + LOG_BYTES + HASH_BYTES);
    }
    head.set(uint32ToBytes(entry.length), head.length - LENGTH_BYTES);
    this.#add(head);
    const offset = this.#length;
    this.#add(entry);
    return offset;
  }

  finish(): Uint8Array {
    const segment = concatBytes(...this.#parts, new Uint8Array(CRC_BYTES));
    const bodyBytes = segment.length - CRC_BYTES;
    segment.set(uint32ToBytes(crc32(segment.subarray(0, bodyBytes))), bodyBytes);
    return segment;
  }
}

/** Reads a segment from start to end. Throws `store_damaged` where it is not what was written. */
class SegmentReader {
  readonly #blob: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  at = HEAD.length;

  constructor(blob: Uint8Array) {
    this.#blob = blob;
    this.#view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    this.#end = blob.length - CRC_BYTES;
    const isOurs = this.#end >= HEAD.length && HEAD.every((byte, index) => blob[index] === byte);
    if (!isOurs || this.#view.getUint32(this.#end) !== crc32(blob.subarray(0, this.#end))) throw new ServerError("store_damaged");
  }

  get isAtEnd(): boolean {
    return this.at === this.#end;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#end) throw new ServerError("store_damaged");
    this.at += length;
    return this.#blob.subarray(this.at - length, this.at);
  }

  uint32(): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4);
  }

  uint64(): number {
    const value = this.uint32() * 0x1_0000_0000 + this.uint32();
    if (!Number.isSafeInteger(value)) throw new ServerError("store_damaged");
    return value;
  }

  hashes(): CapabilityHashes {
    return { read: this.take(HASH_BYTES), write: this.take(HASH_BYTES) };
  }
}

/** The records of a segment, in order. */
export function decodeSegment(blob: Uint8Array): SegmentRecord[] {
  const reader = new SegmentReader(blob);
  const records: SegmentRecord[] = [];
  while (!reader.isAtEnd) {
    const [type] = reader.take(1);
    const log = toId(logId, reader.take(LOG_BYTES));
    if (type === 1) {
      records.push({ type: "create", log, epoch: reader.uint64(), hashes: reader.hashes() });
    } else if (type === 2 || type === 3) {
      const next = type === 3 ? reader.hashes() : undefined;
      const length = reader.uint32();
      const offset = reader.at;
      records.push({ type: "entry", log, next, entry: reader.take(length), offset });
    } else {
      throw new ServerError("store_damaged");
    }
  }
  return records;
}
