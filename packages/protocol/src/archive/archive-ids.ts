/**
 * Ids of archived things. They follow from what was read and from nothing else, so that what is imported twice has the same id twice.
 *
 *   person         SHA-256("sotto archive person v1" ‖ 0 ‖ service ‖ 0 ‖ key)                 32 bytes, as long as an account id
 *   conversation   SHA-256("sotto archive conversation v1" ‖ 0 ‖ service ‖ 0 ‖ key)[0..15]    16 bytes, as long as a log id
 *   message        conversation[0..7] ‖ u48 time ‖ identity[0..9]                             24 bytes
 *
 * The time stands in front of the hash so that ids of one conversation sort by time: they are the order of the timeline, and neighbours in it are
 * neighbours in the index. Labels have no 0 byte; a 0 in a key is harmless, since it comes last.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes.ts";
import { accountId, type AccountId, logId, type LogId, toId } from "../ids.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { ArchiveService } from "./record.ts";

export const ARCHIVE_MESSAGE_ID_BYTES = 24;
/** Conversation and time: what the timeline is ordered by. */
export const ARCHIVE_ORDER_BYTES = 14;
export const ARCHIVE_IDENTITY_BYTES = 10;
/** 2200-01-01T00:00Z: a later time is taken for damage. */
export const ARCHIVE_TIME_MAX = 7_258_118_400_000;

const TIME_AT = 8;

export function archivePersonId(service: ArchiveService, key: string): AccountId {
  return toId(accountId, sha256(encodeUtf8(`sotto archive person v1\0${service}\0${key}`)));
}

export function archiveConversationId(service: ArchiveService, key: string): LogId {
  return toId(logId, sha256(encodeUtf8(`sotto archive conversation v1\0${service}\0${key}`)).slice(0, 16));
}

/** `at` from 0 to {@link ARCHIVE_TIME_MAX}; `identity` has 10 bytes that tell the message from others of the same time. */
export function archiveMessageId(conversation: LogId, at: number, identity: Uint8Array): Uint8Array {
  const id = concatBytes(conversation.subarray(0, TIME_AT), new Uint8Array(6), identity);
  const view = new DataView(id.buffer);
  view.setUint16(TIME_AT, Math.floor(at / 0x1_0000_0000));
  view.setUint32(TIME_AT + 2, at >>> 0);
  return id;
}
