/**
 * Coming back into a conversation whose commits this device cannot follow (spec/groups.md §Rejoining): it asks some members, gets join info from
 * whoever answers first, and takes the place of its former leaf by an external commit. What it missed comes as history, see history.ts.
 *
 * Asking is rationed: three devices at a time, own ones first, and longer pauses after each attempt.
 */
import {
  type Conversation,
  decodeConversation,
  decodeJoinInfo,
  type DeviceAddress,
  encodeConversation,
  encodeJoinInfo,
  epochOf,
  isActive,
  type JoinInfo,
  joinExternally,
  makeJoinInfo,
  memberAccounts,
  memberDevices,
} from "@sotto/core";
import { bytesToHex, equalBytes, type InboxNote, type LogId } from "@sotto/protocol";
import { fetchNoteBlob, noteBlob } from "../attachments/note-blob.ts";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { newcomers } from "../groups/commit-facts.ts";
import { cameStatements } from "../groups/member-since.ts";
import { membersKnown } from "../people/names.ts";
import type { Statement } from "../ports.ts";
import { dequeue, laneOf, type OutboxRow } from "../send/outbox.ts";
import { resendStatements, unsendStatements } from "../send/sent.ts";
import { encodeAppend } from "../send/stored-request.ts";
import { moveTo, placeOf, placeOfGroup, timelineEnd } from "../store/places.ts";
import { numberIn, sql } from "../store/statements.ts";
import { alsoAsked, askedStatements } from "./asked.ts";
import { historyStatements } from "./hand-on.ts";
import { takeHeldHistory } from "./history.ts";
import { noteLane } from "../send/lane-names.ts";
import { noteStatements } from "./notes.ts";

type RejoinNote = Extract<InboxNote, { kind: "rejoin" }>;
type JoinInfoNote = Extract<InboxNote, { kind: "joinInfo" }>;

const ASKED = 3;
const FIRST_PAUSE_MS = 15_000;
const PAUSE_MAX_MS = 86_400_000;
const INLINE_INFO_BYTES_MAX = 160 * 1024;
const GAP = 4_096;

/** How long to wait for an answer before the next attempt. */
export function pauseAfter(tries: number): number {
  return Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, tries - 1));
}

/** In the serial of the conversation. Stores that it waits to be let in again, and what it asks. */
export async function askToRejoin(engine: Engine, log: LogId): Promise<void> {
  const { store } = engine.ports;
  const place = await placeOf(store, log);
  const [row] = await store.all("SELECT cursor FROM conversations WHERE log = ?", [log]);
  if (place === undefined || row === undefined) return;
  const conversation = await engine.conversations.get(log);
  const { groupId, anchor, repairTries } = place;
  const cursor = numberIn(row, "cursor");
  const note = { kind: "rejoin" as const, log: anchor, groupId, epoch: epochOf(conversation), cursor };
  const to = whomToAsk(engine, conversation);
  const update = "UPDATE places SET repair = 'rejoin', repair_at = ?, repair_tries = ? WHERE log = ?";
  const { now } = engine.context;
  const asked = askedStatements({ place, conversation, to, cursor, now });
  await store.write([sql(update, now, repairTries + 1, log), ...asked, ...(await noteStatements(engine, log, { to, note }))]);
}

/** Asks for history alone: this device is in, and some of what it sent itself is not in its store. */
export async function recallStatements(engine: Engine, log: LogId, cursor: number): Promise<Statement[]> {
  const place = await placeOf(engine.ports.store, log);
  if (place === undefined) return [];
  const conversation = await engine.conversations.get(log);
  const note = { kind: "rejoin" as const, log: place.anchor, groupId: place.groupId, epoch: epochOf(conversation), cursor };
  const to = whomToAsk(engine, conversation);
  const asked = askedStatements({ place, conversation, to, cursor, now: engine.context.now });
  return [...asked, ...(await noteStatements(engine, log, { to, note }))];
}

function whomToAsk(engine: Engine, conversation: Conversation): DeviceAddress[] {
  const others = memberDevices(conversation).filter(({ device }) => !equalBytes(device, engine.self.id));
  const isOwn = ({ account }: DeviceAddress): boolean => equalBytes(account, engine.me.account);
  const [own, rest] = [
    others.filter(isOwn),
    shuffled(
      others.filter((device) => !isOwn(device)),
      engine,
    ),
  ];
  return [...own.slice(0, 1), ...rest].slice(0, ASKED);
}

function shuffled<T>(items: readonly T[], engine: Engine): T[] {
  const keyed = items.map((item) => ({ item, key: bytesToHex(engine.context.random(8)) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

type Answering = {
  readonly note: RejoinNote;
  /** Asked once it is known that there is an answer. */
  readonly withHistory: () => boolean;
};

/** What a member that is in does for one that asks. Nothing if it cannot help: it is no member, or not further than the one who asks. */
export async function answerRejoin(engine: Engine, sender: DeviceAddress, { note, withHistory }: Answering): Promise<Statement[]> {
  const { store } = engine.ports;
  const place = await placeOfGroup(store, note.groupId);
  const [row] = place === undefined ? [] : await store.all("SELECT cursor FROM conversations WHERE log = ?", [place.log]);
  if (place === undefined || row === undefined || place.isRejoining) return [];
  const conversation = await engine.conversations.get(place.log);
  const isElsewhere = !equalBytes(note.log, conversation.log);
  if (!isActive(conversation) || epochOf(conversation) < note.epoch) return [];
  const nextSeq = numberIn(row, "cursor");
  const made = await engine.decide((context) => makeJoinInfo(conversation, { to: sender, nextSeq }, context));
  if (!made.ok) return [];
  const info = encodeJoinInfo(made.value);
  const isLarge = info.length > INLINE_INFO_BYTES_MAX;
  const blob = isLarge ? noteBlob(engine, info, { log: place.log, lane: noteLane(place.log) }) : undefined;
  if (isLarge && blob === undefined) return [];
  const answer = { kind: "joinInfo" as const, groupId: note.groupId, info: blob?.attachment ?? info };
  const notes = await noteStatements(engine, place.log, { to: [sender], note: answer });
  const statements = blob === undefined || notes.length === 0 ? notes : [blob.statement, ...notes];
  // Who has no leaf was not meant to read what was sent meanwhile.
  if (made.value.formerLeaf === undefined || !withHistory()) return statements;
  const from = isElsewhere ? 0 : place.base + note.cursor;
  return [...statements, ...(await historyStatements(engine, { place, to: sender, from }))];
}

/** The join info of a note, from its blob if it is large. Nothing is fetched that this device does not wait for, or that somebody else offers. */
export async function readJoinInfo(
  engine: Engine,
  from: DeviceAddress,
  { groupId, info }: JoinInfoNote,
): Promise<ClientOutcome<Uint8Array>> {
  if (info instanceof Uint8Array) return { ok: true, value: info };
  const place = await placeOfGroup(engine.ports.store, groupId);
  const isAwaited = place?.isRejoining === true && isMember(await engine.conversations.get(place.log), from);
  return isAwaited ? fetchNoteBlob(engine.ports, info) : { ok: false, code: "join_info_invalid" };
}

export type Answered = { readonly groupId: Uint8Array; readonly info: Uint8Array };

/** In the serial of the conversation: the way in, stored before it leaves. Undefined if the answer does not help. */
export async function takeJoinInfo(engine: Engine, from: DeviceAddress, note: Answered): Promise<LogId | undefined> {
  const { store } = engine.ports;
  const place = await placeOfGroup(store, note.groupId);
  if (place?.isRejoining !== true) return undefined;
  const before = await engine.conversations.get(place.log);
  const info = decodeJoinInfo(note.info);
  if (!info.ok || !isAcceptable(before, from, info.value)) return undefined;
  const waiting = await store.all("SELECT 1 FROM outbox WHERE log = ? AND kind = 'rejoin'", [place.log]);
  if (waiting.length > 0) return undefined;
  const joined = await engine.decide((context) => joinExternally(engine.self, info.value, context));
  if (!joined.ok || !equalBytes(joined.value.next.mls.context.groupId, note.groupId)) return undefined;
  const { request, next } = joined.value;
  const insert =
    "INSERT INTO outbox (id, lane, log, local_id, kind, draft, request, entry_id, staged) SELECT coalesce(min(id), 1) - 1, ?, ?, ?, 'rejoin', ?, ?, ?, ? FROM outbox";
  const rest = [new Uint8Array(), encodeAppend(request), request.entryId, encodeConversation(next)] as const;
  const asked = alsoAsked(place.log, from, engine.context.now);
  await store.write([sql(insert, laneOf(place.log), place.log, engine.context.random(16), ...rest), asked]);
  return place.log;
}

function isMember(before: Conversation, from: DeviceAddress): boolean {
  return memberDevices(before).some(({ account }) => equalBytes(account, from.account));
}

/** From a member as this device last knew them, about the same conversation, and not behind what this device has seen. */
function isAcceptable(before: Conversation, from: DeviceAddress, info: JoinInfo): boolean {
  return isMember(before, from) && info.kind === before.kind && info.tokens.epoch >= epochOf(before);
}

/** In the serial of the conversation: the log has taken the external commit as its entry `seq`. */
export async function rejoined(engine: Engine, row: OutboxRow, seq: number): Promise<void> {
  const { store } = engine.ports;
  const place = await placeOf(store, row.log);
  const next = decodeConversation(row.staged ?? new Uint8Array());
  if (place === undefined || !next.ok) return store.write([dequeue(row.localId)]);
  const conversation = next.value;
  const came = newcomers(memberAccounts(conversation), memberAccounts(await engine.conversations.get(row.log)));
  const isElsewhere = !equalBytes(conversation.log, place.anchor);
  const end = (await timelineEnd(store, place)) + (isElsewhere ? seq + GAP : 0);
  const lost = isElsewhere ? await resendStatements(store, row.log, { from: 0, present: new Set() }) : [];
  const move = { anchor: conversation.log, cursor: seq + 1, epochFirst: seq + 1, timelineEnd: end };
  const title = "UPDATE conversations SET title = ?, updated_at = max(updated_at, ?) WHERE log = ?";
  await store.write([
    dequeue(row.localId),
    ...unsendStatements(row.log),
    ...lost,
    ...engine.conversations.statements(undefined, conversation),
    ...moveTo(place, move),
    ...cameStatements(row.log, came),
    ...membersKnown(came),
    sql(title, conversation.group.name, engine.context.now, row.log),
  ]);
  engine.conversations.adopt(conversation);
  await takeHeldHistory(engine, row.log);
  engine.emit({ kind: "conversation", log: row.log });
}
