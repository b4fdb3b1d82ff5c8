/**
 * What the tables of history hold as bytes (spec/client-store.md §Stored forms):
 *
 *   history_held.items      CBOR [ [ content, evidence ], … ], as they came in a note
 *   history_gaps.members    CBOR [ [ accountId, whether it might post ], … ]
 */
import { bytesFrom, type Guard, listOf, tupleOf } from "@sotto/core";
import { accountId, type AccountId, encodeCbor, type HistoryItem, LIMITS } from "@sotto/protocol";
import { fits, readStored, type StoredOutcome } from "../store/stored-form.ts";

const HELD_BYTES_MAX = 2 * LIMITS.inboxBodyBytesMax;
const MEMBERS_BYTES_MAX = 64 * LIMITS.groupDevicesMax;

const isBool: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
const item = tupleOf<[Uint8Array, Uint8Array]>(bytesFrom(1, LIMITS.contentBytesMax), bytesFrom(1, LIMITS.evidenceBytesMax));
const held = listOf(item, LIMITS.historyItemsMax);
const members = listOf(tupleOf<[AccountId, boolean]>(fits(accountId), isBool), LIMITS.groupDevicesMax);

export type MightPost = readonly [account: AccountId, mightPost: boolean];

export function encodeHeld(items: readonly HistoryItem[]): Uint8Array {
  return encodeCbor(items.map(([content, evidence]) => [content, evidence]));
}

export function decodeHeld(bytes: Uint8Array): StoredOutcome<readonly HistoryItem[]> {
  return readStored(bytes, HELD_BYTES_MAX, held);
}

export function encodeMembers(list: readonly MightPost[]): Uint8Array {
  return encodeCbor(list.map(([account, mightPost]) => [account, mightPost]));
}

export function decodeMembers(bytes: Uint8Array): StoredOutcome<readonly MightPost[]> {
  return readStored(bytes, MEMBERS_BYTES_MAX, members);
}
