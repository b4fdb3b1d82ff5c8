/**
 * The frames of busy logs without the way through schemas: read and written as frames.ts does it, bit for bit (test/quick-frames.test.ts).
 *
 *   [ 0, id, "log.append", { log, tag, body, kind: "message", next: null, epoch, token, entryId } ]
 *   [ 1, id, { seq, outcome: "appended", receipt, acceptedAt } ]
 *   [ 3, "log.entries", { log, entries } ]
 *
 * and of the request alone, as a client keeps it. Reading takes exactly the canonical encoding of such a request. For everything else it gives undefined, and the general way decides.
 */
import { encodeCbor } from "../codec/cbor.ts";
import { headBytes, MAJOR, QuickWriter, stringBytes } from "../codec/quick-writer.ts";
import { type EntryId, entryId, type LogId, logId, toId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { CAPABILITY_BYTES } from "../log/capability.ts";
import { RECEIPT_BYTES, TAG_BYTES } from "../log/receipt.ts";
import type { AppendRequest, AppendResult } from "./log-operations.ts";

export type AppendFrame = { readonly id: number; readonly request: AppendRequest };

const UINT32_MAX = 0xffff_ffff;
const [ARRAY_4, ARRAY_3, MAP_8, MAP_4, MAP_2] = [[0x84], [0x83], [0xa8], [0xa4], [0xa2]];
const text = (value: string): Uint8Array => encodeCbor(value);
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const REQUEST = joined(ARRAY_4, [0]);
const TO_LOG = joined(text("log.append"), MAP_8, text("log"), [0x50]);
const TO_TAG = joined(text("tag"), [0x58, TAG_BYTES]);
const TO_BODY = text("body");
const TO_EPOCH = joined(text("kind"), text("message"), text("next"), [0xf6], text("epoch"));
const TO_TOKEN = joined(text("token"), [0x58, CAPABILITY_BYTES]);
const TO_ENTRY_ID = joined(text("entryId"), [0x50]);

class QuickReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  isRight = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  expect(wanted: Uint8Array): void {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[this.#at + i] !== wanted[i]) this.isRight = false;
    this.#at += wanted.length;
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length !== length) this.isRight = false;
    this.#at += length;
    return taken;
  }

  /** A number, or the length of what follows, in its shortest form. */
  head(major: number): number {
    const head = this.#bytes[this.#at++] ?? 0xff;
    const minor = head & 31;
    if (head >>> 5 !== major || minor > 27) return this.#wrong();
    if (minor < 24) return minor;
    const size = 1 << (minor - 24);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[this.#at++] ?? Number.NaN);
    return Number.isSafeInteger(value) && headBytes(value) === size + 1 ? value : this.#wrong();
  }

  #wrong(): number {
    this.isRight = false;
    return 0;
  }
}

/** The append of a message, with fields that point into the frame; undefined for any other bytes. */
export function readAppendFrame(frame: Uint8Array): AppendFrame | undefined {
  const reader = new QuickReader(frame);
  reader.expect(REQUEST);
  const id = reader.head(MAJOR.uint);
  reader.expect(TO_LOG);
  if (!reader.isRight || id > UINT32_MAX) return undefined;
  const log = reader.take(16);
  reader.expect(TO_TAG);
  const tag = reader.take(TAG_BYTES);
  reader.expect(TO_BODY);
  const bodyBytes = reader.head(MAJOR.bytes);
  if (!reader.isRight || bodyBytes < 1 || bodyBytes > LIMITS.messageBodyBytesMax) return undefined;
  const body = reader.take(bodyBytes);
  reader.expect(TO_EPOCH);
  const epoch = reader.head(MAJOR.uint);
  reader.expect(TO_TOKEN);
  const token = reader.take(CAPABILITY_BYTES);
  reader.expect(TO_ENTRY_ID);
  const entry = reader.take(16);
  if (!reader.isRight || !reader.isAtEnd) return undefined;
  const request = { log: toId<LogId>(logId, log), epoch, token, entryId: toId<EntryId>(entryId, entry), kind: "message" as const };
  return { id, request: { ...request, tag, body, next: null } };
}

const MAP_LOG = joined(MAP_8, text("log"), [0x50]);

/** A request as a form of its own, as a client keeps it until it is answered. One with a handshake goes the general way. */
export function encodeAppendRequest(request: AppendRequest): Uint8Array {
  const { log, tag, body, kind, next, epoch, token, entryId: entry } = request;
  const lengthsFit = log.length === 16 && tag.length === TAG_BYTES && token.length === CAPABILITY_BYTES && entry.length === 16;
  if (kind !== "message" || next !== null || !lengthsFit || !Number.isSafeInteger(epoch) || epoch < 0) return encodeCbor(request);
  const parts = [MAP_LOG, log, TO_TAG, tag, TO_BODY, body, TO_EPOCH, TO_TOKEN, token, TO_ENTRY_ID, entry];
  let length = headBytes(body.length) + headBytes(epoch);
  for (const part of parts) length += part.length;
  const writer = new QuickWriter(length);
  for (const part of parts) {
    if (part === body) writer.head(MAJOR.bytes, body.length);
    writer.raw(part);
    if (part === TO_EPOCH) writer.head(MAJOR.uint, epoch);
  }
  return writer.bytes;
}

const APPENDED_1 = joined(MAP_4, text("seq"));
const APPENDED_2 = joined(text("outcome"), text("appended"), text("receipt"), [0x58, RECEIPT_BYTES]);
const APPENDED_3 = text("acceptedAt");
const ANSWER = joined(ARRAY_3, [1]);

export function writeAppended(id: number, result: AppendResult & { readonly outcome: "appended" }): Uint8Array {
  const { seq, receipt, acceptedAt } = result;
  const fixed = ANSWER.length + APPENDED_1.length + APPENDED_2.length + RECEIPT_BYTES + APPENDED_3.length;
  const writer = new QuickWriter(fixed + headBytes(id) + headBytes(seq) + headBytes(acceptedAt));
  writer.raw(ANSWER);
  writer.head(MAJOR.uint, id);
  writer.raw(APPENDED_1);
  writer.head(MAJOR.uint, seq);
  writer.raw(APPENDED_2);
  writer.raw(receipt);
  writer.raw(APPENDED_3);
  writer.head(MAJOR.uint, acceptedAt);
  return writer.bytes;
}

const PUSH_1 = joined(ARRAY_3, [3], text("log.entries"), MAP_2, text("log"), [0x50]);
const PUSH_2 = text("entries");

export function writeEntriesPush(log: LogId, entries: readonly Uint8Array[]): Uint8Array {
  let length = PUSH_1.length + log.length + PUSH_2.length + headBytes(entries.length);
  for (const entry of entries) length += stringBytes(entry.length);
  const writer = new QuickWriter(length);
  writer.raw(PUSH_1);
  writer.raw(log);
  writer.raw(PUSH_2);
  writer.head(MAJOR.array, entries.length);
  for (const entry of entries) writer.byteString(entry);
  return writer.bytes;
}
