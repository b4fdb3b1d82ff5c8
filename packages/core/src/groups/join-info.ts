/**
 * What lets a device of a member join by itself (RFC 9420 §12.4.3.2): handed over by another device that is in, through the self group or an
 * inbox, never to anybody else, since it opens the log for the rest of the epoch (spec/groups.md §External joins). CBOR
 *
 *   [ version 1, logId, kind, epoch, next seq, read token, write token, handshake key, former leaf + 1, group state, GroupInfo, ratchet tree ]
 *
 * `former leaf` is the place of the device that it is for, if it is in the group and lost its state; 0 stands for none.
 */
import { exportGroupInfo, exportRatchetTree } from "@sotto/mls";
import {
  CAPABILITY_BYTES,
  decodeGroupState,
  encodeCbor,
  encodeGroupState,
  equalBytes,
  type GroupState,
  LIMITS,
  logId,
  type LogId,
  toId,
} from "@sotto/protocol";
import { type EpochTokens, epochTokens, exportEpochSecret } from "../capabilities.ts";
import type { GroupContext } from "../context.ts";
import { bytesFrom, bytesOf, isOne, isUint, readVersioned, tupleOf, uintUpTo } from "../form.ts";
import { type DeviceAddress, sameAddress } from "../identity/credential.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { type Conversation, CONVERSATION_KINDS, type ConversationKind } from "./conversation.ts";
import { memberDevices } from "./members.ts";
import { callMls } from "./mls-context.ts";
import { HANDSHAKE_KEY } from "./wrapped-handshake.ts";

export type JoinInfo = {
  readonly log: LogId;
  readonly kind: ConversationKind;
  readonly tokens: EpochTokens;
  /** The first entry that the new member may see. */
  readonly nextSeq: number;
  readonly handshakeKey: Uint8Array;
  readonly formerLeaf: number | undefined;
  readonly group: GroupState;
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array;
};

const JOIN_INFO_BYTES_MAX = 8 * 1024 * 1024;
const form = tupleOf<
  [1, Uint8Array, number, number, number, Uint8Array, Uint8Array, Uint8Array, number, Uint8Array, Uint8Array, Uint8Array]
>(
  isOne,
  bytesOf(16),
  uintUpTo(CONVERSATION_KINDS.length - 1),
  isUint,
  isUint,
  bytesOf(CAPABILITY_BYTES),
  bytesOf(CAPABILITY_BYTES),
  bytesOf(HANDSHAKE_KEY.length),
  uintUpTo(0xffff_ffff),
  bytesFrom(1, LIMITS.groupStateBytesMax),
  bytesFrom(1, JOIN_INFO_BYTES_MAX),
  bytesFrom(1, JOIN_INFO_BYTES_MAX),
);

/** For another device of a member. `nextSeq` is where this device would read on. It is good until the epoch ends. */
export function makeJoinInfo(
  conversation: Conversation,
  { to, nextSeq }: { readonly to: DeviceAddress; readonly nextSeq: number },
  context: GroupContext,
): CoreOutcome<JoinInfo> {
  const members = memberDevices(conversation);
  if (!members.some(({ account }) => equalBytes(account, to.account))) return failed("group_forbidden");
  const formerLeaf = members.find((member) => sameAddress(member, to))?.leafIndex;
  const tokens = epochTokens(conversation, context);
  if (!tokens.ok) return tokens;
  const key = exportEpochSecret(conversation.mls, HANDSHAKE_KEY, context);
  if (!key.ok) return key;
  const groupInfo = callMls(context, "own", (on) => exportGroupInfo(conversation.mls, { ratchetTree: false }, on));
  if (!groupInfo.ok) return groupInfo;
  const { log, kind, group } = conversation;
  const ratchetTree = exportRatchetTree(conversation.mls);
  return done({
    log,
    kind,
    tokens: tokens.value,
    nextSeq,
    handshakeKey: key.value,
    formerLeaf,
    group,
    groupInfo: groupInfo.value,
    ratchetTree,
  });
}

export function encodeJoinInfo(info: JoinInfo): Uint8Array {
  const { log, kind, tokens, nextSeq, handshakeKey, formerLeaf, group, groupInfo, ratchetTree } = info;
  const { epoch, read, write } = tokens;
  const kindNumber = CONVERSATION_KINDS.indexOf(kind);
  const place = formerLeaf === undefined ? 0 : formerLeaf + 1;
  return encodeCbor([
    1,
    log,
    kindNumber,
    epoch,
    nextSeq,
    read,
    write,
    handshakeKey,
    place,
    encodeGroupState(group),
    groupInfo,
    ratchetTree,
  ]);
}

export function decodeJoinInfo(bytes: Uint8Array): CoreOutcome<JoinInfo> {
  const read = readVersioned(bytes, { bytesMax: JOIN_INFO_BYTES_MAX, guard: form, otherwise: "join_info_invalid" });
  if (!read.ok) return read;
  const [, log, kindNumber, epoch, nextSeq, readToken, writeToken, handshakeKey, place, state, groupInfo, ratchetTree] = read.value;
  const kind = CONVERSATION_KINDS[kindNumber];
  const group = decodeGroupState(state);
  if (kind === undefined || !group.ok) return failed("join_info_invalid");
  const formerLeaf = place === 0 ? undefined : place - 1;
  const tokens = { epoch, read: readToken, write: writeToken };
  return done({ log: toId(logId, log), kind, tokens, nextSeq, handshakeKey, formerLeaf, group: group.value, groupInfo, ratchetTree });
}
