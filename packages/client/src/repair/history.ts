/**
 * What a device missed while it could not follow (spec/groups.md §History): messages with the evidence that is kept with them, so whoever hands
 * them on cannot change or invent any. They come as notes to the inbox, each with as many as fit.
 */
import { type Conversation, decodeEvidence, type DeviceAddress, memberAccounts, messageIdOf, verifyMessage } from "@sotto/core";
import { type Content, equalBytes, type HistoryItem, type InboxNote, LIMITS, type MessageId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { type Place, placeOfGroup } from "../store/places.ts";
import { bytesIn, numberIn } from "../store/statements.ts";
import { contentEffects, rowFacts } from "../sync/content-effects.ts";
import { noteStatements } from "./notes.ts";

type HistoryNote = Extract<InboxNote, { kind: "history" }>;

const NOTE_BYTES_MAX = 160 * 1024;
const MESSAGES_MAX = 2_000;
/** Entries that a device may be behind. */
const AHEAD_MAX = 1_000_000;
const SEARCHED_MAX = 10_000;

type Asked = { readonly place: Place; readonly to: DeviceAddress; readonly from: number };

/** Notes with the messages from a place in the timeline on. What was edited or taken back meanwhile is not in them. */
export async function historyStatements(engine: Engine, { place, to, from }: Asked): Promise<Statement[]> {
  const select =
    "SELECT content, evidence FROM messages WHERE log = ? AND seq >= ? AND evidence IS NOT NULL AND content IS NOT NULL AND edited_at IS NULL AND kind <> 'deleted' ORDER BY seq DESC LIMIT ?";
  const rows = (await engine.ports.store.all(select, [place.log, from, MESSAGES_MAX])).toReversed();
  const statements: Statement[] = [];
  let messages: HistoryItem[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (messages.length === 0) return;
    const note = { kind: "history" as const, groupId: place.groupId, messages };
    statements.push(...(await noteStatements(engine, place.log, { to: [to], note })));
    messages = [];
    bytes = 0;
  };
  for (const row of rows) {
    const item: HistoryItem = [bytesIn(row, "content"), bytesIn(row, "evidence")];
    const size = item[0].length + item[1].length + 16;
    if (bytes + size > NOTE_BYTES_MAX || messages.length >= LIMITS.historyItemsMax) await flush();
    messages.push(item);
    bytes += size;
  }
  await flush();
  return statements;
}

type Verified = {
  readonly sender: DeviceAddress;
  readonly content: Content;
  readonly messageId: MessageId;
  readonly seq: number;
  readonly at: number;
};

/** The messages of a member's note that are genuine, of this conversation and new here, as statements. */
export async function takeHistory(engine: Engine, from: DeviceAddress, note: HistoryNote): Promise<Statement[]> {
  const { store } = engine.ports;
  const place = await placeOfGroup(store, note.groupId);
  const [row] = place === undefined ? [] : await store.all("SELECT cursor FROM conversations WHERE log = ?", [place.log]);
  if (place === undefined || row === undefined) return [];
  const conversation = await engine.conversations.get(place.log);
  if (!isMember(conversation, from)) return [];
  const end = place.base + numberIn(row, "cursor") + (place.isRejoining ? AHEAD_MAX : 0);
  const slots = new Slots(engine, place, end);
  const statements: Statement[] = [];
  for (const item of note.messages) {
    const verified = await verify(engine, conversation, item);
    if (verified === undefined) continue;
    const known = await store.all("SELECT 1 FROM messages WHERE log = ? AND message_id = ?", [place.log, verified.messageId]);
    const seq = known.length > 0 ? undefined : await slots.take(place.base + verified.seq);
    if (seq !== undefined) statements.push(...rowStatements(engine, place, { item, verified: { ...verified, seq } }));
  }
  return statements;
}

const isMember = (conversation: Conversation, { account }: DeviceAddress): boolean =>
  memberAccounts(conversation).some((member) => equalBytes(member, account));

/** Signed by a device of a member, for this group. */
async function verify(engine: Engine, conversation: Conversation, [bytes, stored]: HistoryItem): Promise<Verified | undefined> {
  const evidence = decodeEvidence(stored, bytes);
  if (!evidence.ok) return undefined;
  const { sender } = evidence.value;
  if (!isMember(conversation, sender)) return undefined;
  if (engine.chains.known(sender.account) === undefined) await engine.chains.fetch(sender.account);
  const chain = engine.chains.known(sender.account);
  const checked = chain && verifyMessage({ bytes, evidence: evidence.value }, chain, { crypto: engine.ports.crypto });
  if (checked?.ok !== true) return undefined;
  const { content, messageId, seq, acceptedAt: at } = checked.value;
  const expected = messageIdOf(conversation, { account: sender.account, bytes, salt: content.salt });
  return equalBytes(expected, messageId) ? { sender, content, messageId, seq, at } : undefined;
}

function rowStatements(engine: Engine, place: Place, from: { readonly item: HistoryItem; readonly verified: Verified }): Statement[] {
  const { sender, content, messageId, seq, at } = from.verified;
  if (rowFacts(content, sender.account) === undefined) return [];
  const [bytes, evidence] = from.item;
  const localId = engine.context.random(16);
  const isOwnAccount = equalBytes(sender.account, engine.me.account);
  const { now } = engine.context;
  const facts = { log: place.log, seq, at, localId, sender, isOwn: false, isOwnAccount, isReceiptDue: false, now, timerSeconds: 0 };
  return contentEffects({ ...facts, messageId, content, bytes, evidence });
}

/** Free places in the timeline: the wanted one, or the next lower one. Nothing may stand where an entry of the log is still to come. */
class Slots {
  readonly #engine: Engine;
  readonly #place: Place;
  readonly #end: number;
  readonly #taken = new Set<number>();

  constructor(engine: Engine, place: Place, end: number) {
    this.#engine = engine;
    this.#place = place;
    this.#end = end;
  }

  async take(wanted: number): Promise<number | undefined> {
    const first = Math.min(wanted, this.#end - 1);
    for (let seq = first; seq > Math.max(0, first - SEARCHED_MAX); seq--) {
      if (this.#taken.has(seq)) continue;
      this.#taken.add(seq);
      const rows = await this.#engine.ports.store.all("SELECT 1 FROM messages WHERE log = ? AND seq = ?", [this.#place.log, seq]);
      if (rows.length === 0) return seq;
    }
    return undefined;
  }
}
