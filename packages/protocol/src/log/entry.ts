/**
 * A log entry as the server stores and sends it (spec/log.md §Entries): a CBOR array of nine.
 *
 *   [ version 1,
 *     seq         1, 2, 3 … without gaps
 *     kind        0 message (any MLS message that ends no epoch, proposals included), 1 handshake (a commit; ends its epoch)
 *     epoch       the MLS epoch that the body belongs to
 *     acceptedAt  ms since 1970, by the server's clock
 *     entryId     16 bytes, chosen by the sender
 *     tag         32 bytes, the sender's commitment; zeros for a handshake
 *     receipt     32 bytes, the server's MAC
 *     body ]      opaque
 *
 * Frames carry entries as byte strings with this encoding, so a server copies what it stored and one bad entry spoils no other.
 */
import * as v from "valibot";
import { bytesOf, bytesWithin, uint, versionOf } from "../codec/fields.ts";
import { decodeForm } from "../codec/form.ts";
import { headBytes, MAJOR, QuickWriter, stringBytes } from "../codec/quick-writer.ts";
import { entryId, type EntryId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { RECEIPT_BYTES, TAG_BYTES } from "./receipt.ts";

export type EntryKind = "message" | "handshake";

export type Entry = {
  readonly seq: number;
  readonly kind: EntryKind;
  readonly epoch: number;
  readonly acceptedAt: number;
  readonly entryId: EntryId;
  readonly tag: Uint8Array;
  readonly receipt: Uint8Array;
  readonly body: Uint8Array;
};

const KINDS: readonly EntryKind[] = ["message", "handshake"];

const wire = v.strictTuple([
  versionOf(1),
  uint,
  v.picklist([0, 1]),
  uint,
  uint,
  entryId,
  bytesOf(TAG_BYTES),
  bytesOf(RECEIPT_BYTES),
  bytesWithin(1, LIMITS.handshakeBodyBytesMax),
]);

/** Largest body of an entry of this kind. */
export function bodyBytesMax(kind: EntryKind): number {
  return kind === "handshake" ? LIMITS.handshakeBodyBytesMax : LIMITS.messageBodyBytesMax;
}

const isUint = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function isValid(entry: Entry): boolean {
  return entry.seq >= 1 && entry.body.length >= 1 && entry.body.length <= bodyBytesMax(entry.kind);
}

/** The server is the only caller and checked every field when it took the append, so lengths are checked here and nothing else. */
export function encodeEntry(entry: Entry): Uint8Array {
  const lengthsFit = entry.entryId.length === 16 && entry.tag.length === TAG_BYTES && entry.receipt.length === RECEIPT_BYTES;
  if (!lengthsFit || !isValid(entry)) throw new ProtocolError("log_entry_invalid");
  const { seq, epoch, acceptedAt, tag, receipt, body } = entry;
  if (!isUint(seq) || !isUint(epoch) || !isUint(acceptedAt)) throw new ProtocolError("form_number");
  const strings = [entry.entryId, tag, receipt, body];
  // Head of the array, version, kind.
  let length = 3 + headBytes(seq) + headBytes(epoch) + headBytes(acceptedAt);
  for (const string of strings) length += stringBytes(string.length);
  const writer = new QuickWriter(length);
  writer.head(MAJOR.array, 9);
  for (const number of [1, seq, KINDS.indexOf(entry.kind), epoch, acceptedAt]) writer.head(MAJOR.uint, number);
  for (const string of strings) writer.byteString(string);
  return writer.bytes;
}

export function decodeEntry(bytes: Uint8Array): Outcome<Entry> {
  const form = decodeForm(wire, bytes, LIMITS.entryBytesMax);
  if (!form.ok) return form;
  const [, seq, kind, epoch, acceptedAt, id, tag, receipt, body] = form.value;
  const entry: Entry = { seq, kind: kind === 1 ? "handshake" : "message", epoch, acceptedAt, entryId: id, tag, receipt, body };
  return isValid(entry) ? success(entry) : failure("log_entry_invalid");
}
