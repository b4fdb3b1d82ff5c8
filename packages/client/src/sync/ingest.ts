/**
 * Entries from a log, in order. Whatever they hold, this yields what became of them and never throws on input. For one entry:
 *
 *   applied      its effects are stored, and the cursor is behind it
 *   duplicate    it was applied before
 *   rejected     it does not count: nothing changed but the cursor
 *   faulty       the conversation cannot go on behind it, or not as it is: it needs repair
 *   gap          entries before it are missing: read from the cursor
 *   doubtful     it does not count, and it may be that it was damaged on the way: read it once more
 *   waiting      something that it needs cannot be fetched now: try the same entry again
 *
 * A run of messages is opened one after the other and stored by ONE transaction, cursor included: after a crash in between, none of them was
 * applied, and they are read again. A handshake has a transaction of its own.
 */
import { type Conversation, epochOf, isActive, type Opened, openEntry } from "@sotto/core";
import { decodeEntry, type Entry, type EntryId, equalBytes, idToText, type LogId } from "@sotto/protocol";
import type { ClientErrorCode } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { ClientEvent } from "../events.ts";
import { isTransient } from "../net/transient.ts";
import type { Statement } from "../ports.ts";
import type { Fault } from "../repair/fault.ts";
import { renewalStatements } from "../repair/renewal.ts";
import { isEntryAwaited, ownEntry } from "../send/outbox.ts";
import { isSent } from "../send/sent.ts";
import { advance, type Place, placeOf } from "../store/places.ts";
import { numberIn, textIn } from "../store/statements.ts";
import { type Applied, applyOpened, applyOwn } from "./apply.ts";

type Ingested =
  | { readonly outcome: "applied"; readonly endsEpoch: boolean }
  | { readonly outcome: "duplicate" | "gap" | "waiting" }
  | { readonly outcome: "doubtful"; readonly seq: number }
  | { readonly outcome: "rejected"; readonly code: ClientErrorCode }
  | { readonly outcome: "faulty"; readonly fault: Fault };

/** In a conversation of two, what a blocked person says does not arrive. */
const PLACE = `SELECT c.cursor, CASE WHEN c.kind = 'direct' AND p.is_blocked = 1 THEN 'blocked' ELSE c.status END AS status
  FROM conversations c LEFT JOIN contacts p ON p.account = c.peer WHERE c.log = ?`;

type Ended = Exclude<Ingested, { outcome: "applied" }>;

/** What a run has gathered, and where it stands. */
type Run = {
  readonly log: LogId;
  readonly place: Place;
  readonly status: string;
  readonly readThrough: number;
  /** Whether anything that this device sent there is not seen yet. Nothing is added while the run has its turn. */
  readonly mayBeOwn: boolean;
  readonly before: Conversation;
  now: Conversation;
  cursor: number;
  /** The entry before the cursor. */
  last: EntryId | undefined;
  /** Message ids of the run. */
  readonly known: Set<string>;
  shown: number;
  /** Messages came that are to disappear. */
  isExpiring: boolean;
  readonly statements: Statement[];
  readonly events: ClientEvent[];
};

/** How many of the entries have an outcome, and the last one. The rest was not looked at. */
export type IngestedRun = { readonly taken: number; readonly last: Ingested };

/** A screen should not wait long for the state of a conversation. */
const RUN_MAX = 64;

/** What was read, and up to which entry it was read before. */
export type Reading = { readonly entries: readonly Uint8Array[]; readonly readThrough: number };

export async function ingest(engine: Engine, log: LogId, reading: Reading): Promise<IngestedRun> {
  return engine.serial.run(idToText(log), () => ingestAlone(engine, log, reading));
}

async function ingestAlone(engine: Engine, log: LogId, { entries, readThrough }: Reading): Promise<IngestedRun> {
  const { store: table } = engine.ports;
  const [row] = await table.all(PLACE, [log]);
  const place = row && (await placeOf(table, log));
  if (row === undefined || place === undefined) return { taken: 1, last: { outcome: "rejected", code: "conversation_unknown" } };
  const before = await engine.conversations.get(log);
  const mayBeOwn = await isEntryAwaited(engine.ports.store, log);
  const gathered = { readThrough, statements: [], events: [], known: new Set<string>(), shown: 0, isExpiring: false, mayBeOwn };
  const cursor = numberIn(row, "cursor");
  const run: Run = { log, place, status: textIn(row, "status"), before, now: before, cursor, last: place.lastEntry, ...gathered };
  let taken = 0;
  let last: Ingested = { outcome: "duplicate" };
  for (const bytes of entries.slice(0, RUN_MAX)) {
    const decoded = decodeEntry(bytes);
    // A handshake changes what everything after it is opened with, and may take requests to decide.
    const isHandshake = decoded.ok && decoded.value.kind === "handshake";
    if (isHandshake && taken > 0) break;
    last = decoded.ok ? await take(engine, run, decoded.value) : { outcome: "rejected", code: decoded.code };
    taken++;
    if (isHandshake || ENDS.has(last.outcome)) break;
  }
  await store(engine, run);
  return { taken, last };
}

const ENDS: ReadonlySet<Ingested["outcome"]> = new Set(["gap", "waiting", "faulty", "doubtful"]);

/** Adds what one entry does to the run. */
async function take(engine: Engine, run: Run, entry: Entry): Promise<Ingested> {
  if (entry.seq === run.cursor - 1 && isOther(run, entry)) return { outcome: "faulty", fault: { kind: "shorter" } };
  if (entry.seq !== run.cursor) return { outcome: entry.seq < run.cursor ? "duplicate" : "gap" };
  const applied = await open(engine, run, entry);
  if ("outcome" in applied) {
    if (applied.outcome === "rejected" || (applied.outcome === "faulty" && applied.fault.kind === "forgotten")) pass(run, entry);
    return applied;
  }
  const { conversation, statements, shown, isChanged, isExpiring = false } = applied;
  run.now = conversation;
  pass(run, entry);
  run.statements.push(...statements);
  run.isExpiring ||= isExpiring;
  if (shown !== undefined) {
    run.shown++;
    run.events.push({ kind: "message", log: run.log, localId: shown, isNew: true });
  }
  if (conversation.kind === "self") run.events.push({ kind: "own" });
  else if (isChanged) run.events.push({ kind: "conversation", log: run.log });
  return { outcome: "applied", endsEpoch: entry.kind === "handshake" };
}

function pass(run: Run, { seq, entryId }: Entry): void {
  run.cursor = seq + 1;
  run.last = entryId;
}

/** The server is not where it was when this device read the entry before the cursor. */
function isOther({ last }: Run, { entryId }: Entry): boolean {
  return last !== undefined && !equalBytes(last, entryId);
}

async function isMessageKnown({ ports }: Engine, { log, known }: Run, opened: Opened): Promise<boolean> {
  if (opened.kind !== "message") return false;
  const id = idToText(opened.messageId);
  if (known.has(id)) return true;
  known.add(id);
  const select = "SELECT 1 FROM messages WHERE message_id = ? AND log = ?";
  return (await ports.store.all(select, [opened.messageId, log])).length > 0;
}

async function open(engine: Engine, run: Run, entry: Entry): Promise<Applied | Ended> {
  const { log, place, now: before, status } = run;
  const row = run.mayBeOwn ? await ownEntry(engine.ports.store, log, entry.entryId) : undefined;
  const own = row && applyOwn(engine, entry, { before, row, place });
  if (own !== undefined) return own;
  const opened = await engine.decide((context) => openEntry(before, entry, context));
  if (opened.ok) {
    const isKnown = await isMessageKnown(engine, run, opened.value);
    return applyOpened(engine, entry, { before, opened: opened.value, status, place, isKnown });
  }
  return isTransient(opened.code) ? { outcome: "waiting" } : refuse(engine, { run, entry }, opened.code);
}

async function refuse(engine: Engine, { run, entry }: { readonly run: Run; readonly entry: Entry }, code: ClientErrorCode): Promise<Ended> {
  const isPresent = entry.epoch === epochOf(run.now) && isActive(run.now);
  const isOwn = code === "own_message" && entry.kind === "message";
  if (!isOwn && isActive(run.now) && entry.seq > run.readThrough) return { outcome: "doubtful", seq: entry.seq };
  if (isPresent && entry.kind === "handshake") return { outcome: "faulty", fault: { kind: "commit", code } };
  if (!isPresent || code !== "own_message" || (await isSent(engine.ports.store, run.log, entry.entryId)))
    return { outcome: "rejected", code };
  run.statements.push(...(await renewalStatements(engine, run.log)));
  return { outcome: "faulty", fault: { kind: "forgotten", seq: entry.seq } };
}
async function store(engine: Engine, { log, place, before, now, cursor, last, shown, isExpiring, statements, events }: Run): Promise<void> {
  if (last === place.lastEntry) return;
  const passed = last === undefined ? [] : advance(log, { seq: cursor - 1, entryId: last });
  await engine.ports.store.write([...engine.conversations.statements(before, now), ...passed, ...statements]);
  engine.conversations.adopt(now);
  engine.searchIndex.added(shown);
  if (isExpiring) engine.expiry.wake();
  for (const event of events) engine.emit(event);
}
