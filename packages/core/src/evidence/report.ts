/**
 * A report: messages with their evidence, and the identity chain of the one who wrote them (spec/reports.md §Report). CBOR
 *
 *   [ version 1, [ [ content, stored evidence ], … ], [ chain entry, … ] ]
 *
 * Checking it needs no server and no key (spec/reports.md §Checking): the MLS signature covers content and tag; the tag opens with the salt in the
 * content; the signature key is that of a device that the account's own chain names. With the server's hub key the receipt shows, too, that the
 * server took exactly this message at this place and time. What a report does not show: that nothing was left out around it.
 */
import { type CryptoProvider, decodeSafeAad, verifyEvidence } from "@sotto/mls";
import {
  accountUri,
  type ChainState,
  type Content,
  decodeContent,
  deriveMessageId,
  encodeCbor,
  equalBytes,
  equalTags,
  groupUri,
  idToText,
  isFrankingTag,
  LIMITS,
  type MessageId,
  receiptBytes,
} from "@sotto/protocol";
import { bytesFrom, isOne, listOf, readVersioned, tupleOf } from "../form.ts";
import { SOTTO_COMPONENT } from "../groups/group-extensions.ts";
import { verifyChain } from "../identity/chain-signing.ts";
import { type DeviceAddress, leafAddress, credentialOf } from "../identity/credential.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { messageSuite } from "../suite.ts";
import { readSignedContent } from "./framed-content.ts";
import type { MessageEvidence } from "./message-evidence.ts";
import { decodeEvidence, encodeEvidence } from "./stored-evidence.ts";

const REPORT_BYTES_MAX = 16 * 1024 * 1024;
const REPORTED_MESSAGES_MAX = 100;

const reported = tupleOf<[Uint8Array, Uint8Array]>(bytesFrom(1, LIMITS.contentBytesMax), bytesFrom(1, 64 * 1024));
const form = tupleOf<[1, readonly [Uint8Array, Uint8Array][], readonly Uint8Array[]]>(
  isOne,
  listOf(reported, REPORTED_MESSAGES_MAX),
  listOf(bytesFrom(1, LIMITS.chainEntryBytesMax), LIMITS.chainEntriesMax),
);

export type ReportedMessage = { readonly bytes: Uint8Array; readonly evidence: MessageEvidence };

/** `chain`: the entries of the sender's identity chain, as they were when the messages came. */
export function encodeReport(messages: readonly ReportedMessage[], chain: readonly Uint8Array[]): CoreOutcome<Uint8Array> {
  if (messages.length === 0 || messages.length > REPORTED_MESSAGES_MAX) return failed("evidence_invalid");
  const items: Uint8Array[][] = [];
  for (const { bytes, evidence } of messages) {
    const stored = encodeEvidence(evidence, bytes);
    if (!stored.ok) return stored;
    items.push([bytes, stored.value]);
  }
  return done(encodeCbor([1, items, [...chain]]));
}

export type CheckedMessage = {
  readonly content: Content;
  readonly messageId: MessageId;
  readonly sender: DeviceAddress;
  /** The sender's device was removed from the account, before or after the message. */
  readonly isDeviceRevoked: boolean;
  readonly log: MessageEvidence["log"];
  readonly seq: number;
  readonly acceptedAt: number;
  /** "unchecked" without the hub key: place and time are then only what the reporter says. */
  readonly receipt: "valid" | "unchecked";
};

export type Checking = { readonly crypto: CryptoProvider; readonly hubKey?: Uint8Array };

/** Checks a report offline. Fails with `evidence_invalid` or a chain code unless everything in it holds. */
export function verifyReport(report: Uint8Array, checking: Checking): CoreOutcome<readonly CheckedMessage[]> {
  const read = readVersioned(report, { bytesMax: REPORT_BYTES_MAX, guard: form, otherwise: "evidence_invalid" });
  if (!read.ok) return read;
  const [, messages, entries] = read.value;
  if (messages.length === 0) return failed("evidence_invalid");
  const chain = verifyChain(entries, checking);
  if (!chain.ok) return chain;
  const checked: CheckedMessage[] = [];
  for (const [bytes, stored] of messages) {
    const evidence = decodeEvidence(stored, bytes);
    if (!evidence.ok) return evidence;
    const message = verifyMessage({ bytes, evidence: evidence.value }, chain.value, checking);
    if (!message.ok) return message;
    checked.push(message.value);
  }
  return done(checked);
}

/** Checks one message against a chain that is valid. */
export function verifyMessage({ bytes, evidence }: ReportedMessage, chain: ChainState, checking: Checking): CoreOutcome<CheckedMessage> {
  const signature = verifyEvidence(evidence, checking);
  if (!signature.ok || !signature.value) return failed("evidence_invalid");
  const content = committedContent(bytes, evidence);
  if (content === undefined || !isSender(evidence, chain)) return failed("evidence_invalid");
  const receipt = checkReceipt(evidence, checking);
  if (receipt === "invalid") return failed("log_receipt_invalid");
  const { sender, log, seq, acceptedAt } = evidence;
  const isDeviceRevoked = !chain.devicesById.has(idToText(sender.device));
  return done({ ...content, sender, isDeviceRevoked, log, seq, acceptedAt, receipt });
}

/** The content, if the signed bytes hold it and its tag. */
function committedContent(
  bytes: Uint8Array,
  { toBeSigned, tag, sender }: MessageEvidence,
): Pick<CheckedMessage, "content" | "messageId"> | undefined {
  const signed = readSignedContent(toBeSigned);
  const framed = signed && decodeSafeAad(signed.authenticatedData);
  if (signed === undefined || framed?.ok !== true) return undefined;
  const item = framed.value.items.find(({ componentId }) => componentId === SOTTO_COMPONENT.franking);
  const content = decodeContent(bytes);
  if (item === undefined || !equalTags(item.data, tag) || !content.ok) return undefined;
  const { salt } = content.value;
  if (!isFrankingTag(tag, salt, bytes)) return undefined;
  const messageId = deriveMessageId({ senderUri: accountUri(sender.account), roomUri: groupUri(signed.groupId), content: bytes, salt });
  return { content: content.value, messageId };
}

/** The key is that of the device which is claimed, and the account has or had that device. */
function isSender({ sender, signatureKey }: MessageEvidence, chain: ChainState): boolean {
  const address = leafAddress({ credential: credentialOf(sender), signatureKey });
  const device = idToText(sender.device);
  const isListed = chain.devicesById.has(device) || chain.formerIds.has(device);
  return address !== undefined && isListed && equalBytes(chain.account, sender.account);
}

function checkReceipt(evidence: MessageEvidence, { crypto, hubKey }: Checking): CheckedMessage["receipt"] | "invalid" {
  if (hubKey === undefined) return "unchecked";
  const expected = messageSuite(crypto).hmac(hubKey, receiptBytes(evidence));
  return equalTags(expected, evidence.receipt) ? "valid" : "invalid";
}
