/**
 * A conversation as records, and what differs between two states of it (spec/groups.md §Stored state). The MLS engine has a record for each part
 * that changes by itself, so a message writes little, whatever the size of the group. Core adds one:
 *
 *   conversation   CBOR [ version 1, logId, kind, group state ]
 *
 * Records hold secrets: the store encrypts them. A whole conversation in one piece, for a staged commit, is CBOR [ version 1, record value of
 * `conversation`, MLS snapshot ].
 */
import { decodeState, encodeState, stateDelta, stateFromRecords, type StateRecord } from "@sotto/mls";
import { decodeGroupState, encodeCbor, encodeGroupState, LIMITS, logId, toId } from "@sotto/protocol";
import { bytesFrom, bytesOf, isOne, readVersioned, tupleOf, uintUpTo } from "../form.ts";
import { type Conversation, CONVERSATION_KINDS } from "../groups/conversation.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";

export type ConversationDelta = { readonly put: readonly StateRecord[]; readonly remove: readonly string[] };

const RECORD_KEY = "conversation";
const SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024;
const head = tupleOf<[1, Uint8Array, number, Uint8Array]>(
  isOne,
  bytesOf(16),
  uintUpTo(CONVERSATION_KINDS.length - 1),
  bytesFrom(1, LIMITS.groupStateBytesMax),
);
const snapshot = tupleOf<[1, Uint8Array, Uint8Array]>(
  isOne,
  bytesFrom(1, LIMITS.groupStateBytesMax + 64),
  bytesFrom(1, SNAPSHOT_BYTES_MAX),
);

function encodeHead({ log, kind, group }: Conversation): Uint8Array {
  return encodeCbor([1, log, CONVERSATION_KINDS.indexOf(kind), encodeGroupState(group)]);
}

function decodeHead(bytes: Uint8Array): CoreOutcome<Omit<Conversation, "mls">> {
  const form = readVersioned(bytes, { bytesMax: LIMITS.groupStateBytesMax + 64, guard: head, otherwise: "conversation_invalid" });
  if (!form.ok) return form;
  const [, log, kindNumber, state] = form.value;
  const kind = CONVERSATION_KINDS[kindNumber];
  const group = decodeGroupState(state);
  if (kind === undefined || !group.ok) return failed("conversation_invalid");
  return done({ log: toId(logId, log), kind, group: group.value });
}

/** What to write so that the store holds `after`; without `before` all of it. */
export function conversationDelta(before: Conversation | undefined, after: Conversation): ConversationDelta {
  const { put, remove } = stateDelta(before?.mls, after.mls);
  const isHeadKept = before !== undefined && before.log === after.log && before.kind === after.kind && before.group === after.group;
  return isHeadKept ? { put, remove } : { put: [[RECORD_KEY, encodeHead(after)], ...put], remove };
}

export function conversationFromRecords(records: Iterable<StateRecord>): CoreOutcome<Conversation> {
  const rest: StateRecord[] = [];
  let own: Uint8Array | undefined;
  for (const record of records) {
    if (record[0] === RECORD_KEY) own = record[1];
    else rest.push(record);
  }
  const decoded = own === undefined ? failed("conversation_invalid") : decodeHead(own);
  if (!decoded.ok) return decoded;
  const mls = stateFromRecords(rest);
  return mls.ok ? done({ ...decoded.value, mls: mls.value }) : fromMls(mls);
}

export function encodeConversation(conversation: Conversation): Uint8Array {
  return encodeCbor([1, encodeHead(conversation), encodeState(conversation.mls)]);
}

export function decodeConversation(bytes: Uint8Array): CoreOutcome<Conversation> {
  const form = readVersioned(bytes, { bytesMax: SNAPSHOT_BYTES_MAX, guard: snapshot, otherwise: "conversation_invalid" });
  if (!form.ok) return form;
  const [, own, state] = form.value;
  const decoded = decodeHead(own);
  if (!decoded.ok) return decoded;
  const mls = decodeState(state);
  return mls.ok ? done({ ...decoded.value, mls: mls.value }) : fromMls(mls);
}
