/**
 * What this device missed while it could not follow (spec/groups.md §History): messages, edits, deletions, reactions and votes with the evidence
 * that is kept with them, so whoever hands them on cannot change or invent any of another's. They come as notes, count only from those who were
 * asked, and wait until this device is in again: only then it knows who may have sent them.
 */
import { type Conversation, decodeEvidence, isActive, isPostAllowed, memberAccounts, memberDevices, messageIdOf } from "@sotto/core";
import { type DeviceAddress, type MessageEvidence, needsPostRole, verifyMessage } from "@sotto/core";
import {
  accountIdToText,
  bytesToHex,
  type Content,
  equalBytes,
  type HistoryItem,
  type InboxNote,
  type LogId,
  type MessageId,
} from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { type Place, placeOf, placeOfGroup } from "../store/places.ts";
import { bytesIn, numberIn, optionalNumber, sql } from "../store/statements.ts";
import { contentEffects, rowFacts } from "../sync/content-effects.ts";
import { type Gap, gapOf, holdStatements } from "./asked.ts";
import { Slots } from "./slots.ts";
import { decodeHeld } from "./stored-history.ts";
import { traceRole, traceStatements } from "./traces.ts";

type HistoryNote = Extract<InboxNote, { kind: "history" }>;

/** For the transaction that passes the note. It is taken in by {@link takeHeldHistory}. */
export async function holdHistory(engine: Engine, by: DeviceAddress, note: HistoryNote): Promise<Statement[]> {
  const place = await placeOfGroup(engine.ports.store, note.groupId);
  return place === undefined ? [] : holdStatements(place.log, { by, items: note.messages, now: engine.context.now });
}

/** In the serial of the conversation. Each note by a transaction of its own, which takes it away. */
export async function takeHeldHistory(engine: Engine, log: LogId): Promise<void> {
  const { store } = engine.ports;
  const place = await placeOf(store, log);
  if (place === undefined || place.isRejoining) return;
  let isAny = false;
  for (const { id = null } of await store.all("SELECT id FROM history_held WHERE log = ? ORDER BY id", [log])) {
    const [row] = await store.all("SELECT device, items FROM history_held WHERE id = ?", [id]);
    if (row === undefined) continue;
    const items = decodeHeld(bytesIn(row, "items"));
    const effects = items.ok ? await historyEffects(engine, { place, device: bytesIn(row, "device"), items: items.value }) : [];
    await store.write([...effects, sql("DELETE FROM history_held WHERE id = ?", id)]);
    isAny ||= effects.length > 0;
  }
  if (!isAny) return;
  engine.expiry.wake();
  engine.emit({ kind: "conversation", log });
}

/** One thing that somebody said, with its evidence. */
type Said = {
  readonly bytes: Uint8Array;
  readonly stored: Uint8Array;
  readonly evidence: MessageEvidence;
  readonly content: Content;
  readonly messageId: MessageId;
  /** Never in the future: whoever handed it on could say any time. */
  readonly at: number;
};

type Held = { readonly place: Place; readonly device: Uint8Array; readonly items: readonly HistoryItem[] };

/** As when it is read from the log: nothing of a person that is blocked or was declined, in a conversation of two, or in a group that is hidden. */
const HERE = `SELECT c.cursor, CASE WHEN c.kind = 'direct' AND p.is_blocked = 1 THEN 'blocked' ELSE c.status END AS status
  FROM conversations c LEFT JOIN contacts p ON p.account = c.peer WHERE c.log = ?`;

/** What is genuine, of this conversation, allowed and new here. */
async function historyEffects(engine: Engine, { place, device, items }: Held): Promise<Statement[]> {
  const [row] = await engine.ports.store.all(HERE, [place.log]);
  const gap = await gapOf(engine.ports.store, place.log, engine.context.now);
  if (row === undefined || gap === undefined) return [];
  const conversation = await engine.conversations.get(place.log);
  if (!isActive(conversation) || !memberDevices(conversation).some((member) => equalBytes(member.device, device))) return [];
  const slots = new Slots(engine.ports.store, place.log, { first: gap.base + gap.cursor, end: place.base + numberIn(row, "cursor") });
  const senders = new Senders(conversation, gap);
  const seen = new Set<string>();
  const statements: Statement[] = [];
  for (const item of items) {
    const said = await verify(engine, { conversation, senders }, item);
    if (said === undefined || seen.has(bytesToHex(said.messageId)) || wasRead(gap, said.evidence)) continue;
    seen.add(bytesToHex(said.messageId));
    const isHidden =
      (row["status"] === "blocked" || row["status"] === "declined") && !equalBytes(said.evidence.sender.account, engine.me.account);
    if (isHidden || !senders.maySay(said) || (await isKnown(engine, place.log, said))) continue;
    const wanted = slots.within((equalBytes(said.evidence.log, gap.anchor) ? gap.base : place.base) + said.evidence.seq);
    const isRow = rowFacts(said.content, said.evidence.sender.account) !== undefined;
    const seq = isRow ? await slots.take(wanted) : wanted;
    if (seq !== undefined) statements.push(...saidStatements(engine, place.log, { said, seq }));
  }
  return statements;
}

/** This device was further: what it does not have of that it does not want, since it disappeared or was removed. */
function wasRead({ anchor, cursor }: Gap, { log, seq }: MessageEvidence): boolean {
  return equalBytes(log, anchor) && seq < cursor;
}

/** Members, now or when this device asked, with what they may post now or might then. */
class Senders {
  readonly #conversation: Conversation;
  readonly #before: ReadonlyMap<string, boolean>;
  readonly #now: ReadonlySet<string>;

  constructor(conversation: Conversation, { members }: Gap) {
    this.#conversation = conversation;
    this.#before = members;
    this.#now = new Set(memberAccounts(conversation).map(accountIdToText));
  }

  has({ sender }: MessageEvidence): boolean {
    const account = accountIdToText(sender.account);
    return this.#now.has(account) || this.#before.has(account);
  }

  maySay({ evidence: { sender }, content: { body } }: Said): boolean {
    const account = accountIdToText(sender.account);
    const mightPost = this.#before.get(account);
    if (mightPost !== undefined && (mightPost || !needsPostRole(body))) return true;
    return this.#now.has(account) && isPostAllowed(this.#conversation, sender.account, body);
  }
}

/** Also what is older than what this device has, and what it knows to be void: what came from the log stays. */
async function isKnown({ ports: { store } }: Engine, log: LogId, { messageId, content, evidence: { sender }, at }: Said): Promise<boolean> {
  const known = `SELECT 1 FROM messages WHERE log = ? AND message_id = ?
    UNION ALL SELECT 1 FROM traces WHERE log = ? AND message_id = ? AND sender = ? LIMIT 1`;
  if ((await store.all(known, [log, messageId, log, messageId, sender.account])).length > 0) return true;
  const role = traceRole(content);
  if (role !== "edit" && role !== "vote") return false;
  const select =
    role === "edit"
      ? "SELECT edited_at AS at FROM messages WHERE log = ? AND message_id = ? AND sender = ?"
      : "SELECT at FROM votes WHERE log = ? AND target = ? AND account = ?";
  const [row] = await store.all(select, [log, content.replaces ?? content.inReplyTo, sender.account]);
  return row !== undefined && (optionalNumber(row, "at") ?? 0) > at;
}

type Verifying = { readonly conversation: Conversation; readonly senders: Senders };

/** Signed by a device of somebody who was or is a member, for this group. */
async function verify(engine: Engine, { conversation, senders }: Verifying, [bytes, stored]: HistoryItem): Promise<Said | undefined> {
  const decoded = decodeEvidence(stored, bytes);
  if (!decoded.ok || !senders.has(decoded.value)) return undefined;
  const evidence = decoded.value;
  const { account } = evidence.sender;
  if (engine.chains.known(account) === undefined) await engine.chains.fetch(account);
  const chain = engine.chains.known(account);
  const checked = chain && verifyMessage({ bytes, evidence }, chain, { crypto: engine.ports.crypto });
  if (checked?.ok !== true) return undefined;
  const { content, messageId } = checked.value;
  const expected = messageIdOf(conversation, { account, bytes, salt: content.salt });
  if (!equalBytes(expected, messageId)) return undefined;
  return { bytes, stored, evidence, content, messageId, at: Math.min(evidence.acceptedAt, engine.context.now) };
}

function saidStatements(engine: Engine, log: LogId, { said, seq }: { readonly said: Said; readonly seq: number }): Statement[] {
  const { bytes, stored, content, messageId, at } = said;
  const { sender } = said.evidence;
  if (rowFacts(content, sender.account) === undefined && traceRole(content) === undefined) return [];
  const localId = engine.context.random(16);
  const isOwnAccount = equalBytes(sender.account, engine.me.account);
  const { now } = engine.context;
  const facts = { log, seq, at, localId, sender, isOwn: false, isOwnAccount, isReceiptDue: false, now, timerSeconds: 0 };
  const arrived = { ...facts, messageId, content, bytes, evidence: stored };
  return [...traceStatements({ ...arrived, account: sender.account }), ...contentEffects(arrived)];
}
