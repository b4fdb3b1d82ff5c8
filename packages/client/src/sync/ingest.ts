/**
 * Entries from a log, in order. Whatever they hold, this yields what became of them and never throws on input. For one entry:
 *
 *   applied      its effects are stored, and the cursor is behind it
 *   duplicate    it was applied before
 *   rejected     it does not count: nothing changed but the cursor
 *   unreadable   a commit of this epoch that counts for the server and not for us: the conversation needs repair
 *   gap          entries before it are missing: read from the cursor
 *   waiting      something that it needs cannot be fetched now: try the same entry again
 *
 * A run of messages is opened one after the other and stored by ONE transaction, cursor included: after a crash in between, none of them was
 * applied, and they are read again. A handshake has a transaction of its own.
 */
import { type Conversation, epochOf, isActive, openEntry } from "@sotto/core";
import { decodeEntry, type Entry, idToText, type LogId } from "@sotto/protocol";
import type { ClientErrorCode } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { ClientEvent } from "../events.ts";
import { isTransient } from "../net/transient.ts";
import type { Statement } from "../ports.ts";
import { isEntryAwaited, ownEntry } from "../send/outbox.ts";
import { numberIn, sql, textIn } from "../store/statements.ts";
import { type Applied, applyOpened, applyOwn } from "./apply.ts";

type Ingested =
  | { readonly outcome: "applied"; readonly endsEpoch: boolean }
  | { readonly outcome: "duplicate" | "gap" | "waiting" }
  | { readonly outcome: "rejected" | "unreadable"; readonly code: ClientErrorCode };

type Ended = Exclude<Ingested, { outcome: "applied" }>;

/** What a run has gathered, and where it stands. */
type Run = {
  readonly log: LogId;
  readonly status: string;
  /** Whether anything that this device sent there is not seen yet. Nothing is added while the run has its turn. */
  readonly mayBeOwn: boolean;
  readonly before: Conversation;
  now: Conversation;
  cursor: number;
  shown: number;
  readonly statements: Statement[];
  readonly events: ClientEvent[];
};

/** How many of the entries have an outcome, and the last one. The rest was not looked at. */
export type IngestedRun = { readonly taken: number; readonly last: Ingested };

/** A screen should not wait long for the state of a conversation. */
const RUN_MAX = 64;

export async function ingest(engine: Engine, log: LogId, entries: readonly Uint8Array[]): Promise<IngestedRun> {
  return engine.serial.run(idToText(log), () => ingestAlone(engine, log, entries));
}

async function ingestAlone(engine: Engine, log: LogId, entries: readonly Uint8Array[]): Promise<IngestedRun> {
  const [place] = await engine.ports.store.all("SELECT cursor, status FROM conversations WHERE log = ?", [log]);
  if (place === undefined) return { taken: 1, last: { outcome: "rejected", code: "conversation_unknown" } };
  const before = await engine.conversations.get(log);
  const mayBeOwn = await isEntryAwaited(engine.ports.store, log);
  const gathered = { statements: [], events: [], shown: 0, mayBeOwn };
  const run: Run = { log, status: textIn(place, "status"), before, now: before, cursor: numberIn(place, "cursor"), ...gathered };
  let taken = 0;
  let last: Ingested = { outcome: "duplicate" };
  for (const bytes of entries.slice(0, RUN_MAX)) {
    const decoded = decodeEntry(bytes);
    // A handshake changes what everything after it is opened with, and may take requests to decide.
    const isHandshake = decoded.ok && decoded.value.kind === "handshake";
    if (isHandshake && taken > 0) break;
    last = decoded.ok ? await take(engine, run, decoded.value) : { outcome: "rejected", code: decoded.code };
    taken++;
    if (isHandshake || last.outcome === "gap" || last.outcome === "waiting" || last.outcome === "unreadable") break;
  }
  await store(engine, run);
  return { taken, last };
}

/** Adds what one entry does to the run. */
async function take(engine: Engine, run: Run, entry: Entry): Promise<Ingested> {
  if (entry.seq !== run.cursor) return { outcome: entry.seq < run.cursor ? "duplicate" : "gap" };
  const applied = await open(engine, run, entry);
  if ("outcome" in applied) {
    if (applied.outcome !== "waiting") run.cursor = entry.seq + 1;
    return applied;
  }
  const { conversation, statements, shown, isChanged } = applied;
  run.now = conversation;
  run.cursor = entry.seq + 1;
  run.statements.push(...statements);
  if (shown !== undefined) {
    run.shown++;
    run.events.push({ kind: "message", log: run.log, localId: shown, isNew: true });
  }
  if (conversation.kind === "self") run.events.push({ kind: "own" });
  else if (isChanged) run.events.push({ kind: "conversation", log: run.log });
  return { outcome: "applied", endsEpoch: entry.kind === "handshake" };
}

async function open(engine: Engine, run: Run, entry: Entry): Promise<Applied | Ended> {
  const { log, now: before, status } = run;
  const row = run.mayBeOwn ? await ownEntry(engine.ports.store, log, entry.entryId) : undefined;
  if (row !== undefined) return applyOwn(engine, entry, { before, row });
  const opened = await engine.decide((context) => openEntry(before, entry, context));
  if (opened.ok) return applyOpened(engine, entry, { before, opened: opened.value, status });
  if (isTransient(opened.code)) return { outcome: "waiting" };
  const isStuck = entry.kind === "handshake" && entry.epoch === epochOf(before) && isActive(before);
  if (isStuck) run.statements.push(sql("UPDATE conversations SET trouble = ? WHERE log = ?", opened.code, log));
  return { outcome: isStuck ? "unreadable" : "rejected", code: opened.code };
}

async function store(engine: Engine, { log, before, now, cursor, shown, statements, events }: Run): Promise<void> {
  const advance = sql("UPDATE conversations SET cursor = ? WHERE log = ? AND cursor <> ?", cursor, log, cursor);
  await engine.ports.store.write([...engine.conversations.statements(before, now), advance, ...statements]);
  engine.conversations.adopt(now);
  engine.searchIndex.added(shown);
  for (const event of events) engine.emit(event);
}
