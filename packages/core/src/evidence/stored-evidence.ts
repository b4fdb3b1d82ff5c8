/**
 * Evidence as it is kept with a message (spec/reports.md §Stored evidence). The content is kept anyway, so only what stands around it in the
 * signed bytes is: CBOR
 *
 *   [ version 1, ciphersuite, head, tail, signature, signatureKey, account, device, logId, seq, acceptedAt, tag, receipt ]
 *
 * where signed bytes = head ‖ padded content ‖ tail. About 500 bytes for a message; `tail`, the GroupContext, is the same for an epoch.
 */
import {
  accountId,
  deviceId,
  encodeCbor,
  equalBytes,
  LIMITS,
  logId,
  padContent,
  RECEIPT_BYTES,
  TAG_BYTES,
  toId,
  concatBytes,
} from "@sotto/protocol";
import type { Evidence } from "@sotto/mls";
import type { DeviceAddress } from "../identity/credential.ts";
import { bytesFrom, bytesOf, isOne, isUint, readVersioned, tupleOf, uintUpTo } from "../form.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { readSignedContent } from "./framed-content.ts";
import type { MessageEvidence } from "./message-evidence.ts";

const PART_BYTES_MAX = 8 * 1024;
const STORED_BYTES_MAX = 64 * 1024;
const part = bytesFrom(0, PART_BYTES_MAX);

type Stored = [
  1,
  number,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  number,
  number,
  Uint8Array,
  Uint8Array,
];
const form = tupleOf<Stored>(
  isOne,
  uintUpTo(0xffff),
  part,
  part,
  bytesFrom(1, LIMITS.signatureBytesMax),
  bytesFrom(1, LIMITS.publicKeyBytesMax),
  bytesOf(32),
  bytesOf(16),
  bytesOf(16),
  isUint,
  isUint,
  bytesOf(TAG_BYTES),
  bytesOf(RECEIPT_BYTES),
);

/** `content` are the message's bytes before padding. */
export function encodeEvidence(evidence: MessageEvidence, content: Uint8Array): CoreOutcome<Uint8Array> {
  const signed = readSignedContent(evidence.toBeSigned);
  const padded = padContent(content);
  if (signed === undefined || !padded.ok || !equalBytes(signed.data, padded.value)) return failed("evidence_invalid");
  const head = evidence.toBeSigned.subarray(0, signed.dataStart);
  const tail = evidence.toBeSigned.subarray(signed.dataEnd);
  const { suiteId, signature, signatureKey, sender, log, seq, acceptedAt, tag, receipt } = evidence;
  const place = [log, seq, acceptedAt, tag, receipt];
  return done(encodeCbor([1, suiteId, head, tail, signature, signatureKey, sender.account, sender.device, ...place]));
}

/** Evidence of a message that this device sent: made when it is sealed, without a place, and completed with the entry that the log made of it. */
export function unplacedEvidence(
  sealed: Evidence,
  by: { readonly sender: DeviceAddress; readonly tag: Uint8Array },
  content: Uint8Array,
): CoreOutcome<Uint8Array> {
  const nowhere = { log: toId(logId, new Uint8Array(16)), seq: 0, acceptedAt: 0, receipt: new Uint8Array(RECEIPT_BYTES) };
  return encodeEvidence({ ...sealed, ...by, ...nowhere }, content);
}

export type EntryPlace = Pick<MessageEvidence, "log" | "seq" | "acceptedAt" | "receipt">;

export function placeEvidence(unplaced: Uint8Array, content: Uint8Array, place: EntryPlace): CoreOutcome<Uint8Array> {
  const evidence = decodeEvidence(unplaced, content);
  return evidence.ok ? encodeEvidence({ ...evidence.value, ...place }, content) : evidence;
}

export function decodeEvidence(bytes: Uint8Array, content: Uint8Array): CoreOutcome<MessageEvidence> {
  const read = readVersioned(bytes, { bytesMax: STORED_BYTES_MAX, guard: form, otherwise: "evidence_invalid" });
  if (!read.ok) return read;
  const padded = padContent(content);
  if (!padded.ok) return failed("evidence_invalid");
  const [, suiteId, head, tail, signature, signatureKey, account, device, log, seq, acceptedAt, tag, receipt] = read.value;
  const sender = { account: toId(accountId, account), device: toId(deviceId, device) };
  const toBeSigned = concatBytes(head, padded.value, tail);
  const signed = readSignedContent(toBeSigned);
  if (signed?.dataStart !== head.length || !equalBytes(signed.data, padded.value)) return failed("evidence_invalid");
  return done({ suiteId, toBeSigned, signature, signatureKey, sender, log: toId(logId, log), seq, acceptedAt, tag, receipt });
}
