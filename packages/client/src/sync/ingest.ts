/**
 * One entry from a log. Whatever it holds, this yields what became of it and never throws on input:
 *
 *   applied      its effects are stored, and the cursor is behind it
 *   duplicate    it was applied before
 *   rejected     it does not count: nothing changed but the cursor
 *   unreadable   a commit of this epoch that counts for the server and not for us: the conversation needs repair
 *   gap          entries before it are missing: read from the cursor
 *   waiting      something that it needs cannot be fetched now: try the same entry again
 */
import { epochOf, isActive, openEntry } from "@sotto/core";
import { decodeEntry, type Entry, idToText, type LogId } from "@sotto/protocol";
import type { ClientErrorCode } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import { ownEntry } from "../send/outbox.ts";
import { numberIn, sql, textIn } from "../store/statements.ts";
import { advance, type Applied, applyOpened, applyOwn } from "./apply.ts";

export type Ingested =
  | { readonly outcome: "applied"; readonly endsEpoch: boolean }
  | { readonly outcome: "duplicate" | "gap" | "waiting" }
  | { readonly outcome: "rejected" | "unreadable"; readonly code: ClientErrorCode };

export async function ingest(engine: Engine, log: LogId, bytes: Uint8Array): Promise<Ingested> {
  return engine.serial.run(idToText(log), () => ingestAlone(engine, log, bytes));
}

async function ingestAlone(engine: Engine, log: LogId, bytes: Uint8Array): Promise<Ingested> {
  const decoded = decodeEntry(bytes);
  if (!decoded.ok) return { outcome: "rejected", code: decoded.code };
  const entry = decoded.value;
  const [place] = await engine.ports.store.all("SELECT cursor, status FROM conversations WHERE log = ?", [log]);
  if (place === undefined) return { outcome: "rejected", code: "conversation_unknown" };
  const cursor = numberIn(place, "cursor");
  if (entry.seq !== cursor) return { outcome: entry.seq < cursor ? "duplicate" : "gap" };
  const before = await engine.conversations.get(log);
  const row = await ownEntry(engine.ports.store, log, entry.entryId);
  if (row !== undefined) return store(engine, entry, applyOwn(engine, entry, { before, row }));
  const opened = await engine.decide((context) => openEntry(before, entry, context));
  if (opened.ok) return store(engine, entry, applyOpened(engine, entry, { before, opened: opened.value, status: textIn(place, "status") }));
  if (isTransient(opened.code)) return { outcome: "waiting" };
  const isStuck = entry.kind === "handshake" && entry.epoch === epochOf(before) && isActive(before);
  const trouble = isStuck ? [sql("UPDATE conversations SET trouble = ? WHERE log = ?", opened.code, log)] : [];
  await engine.ports.store.write([advance(log, entry.seq), ...trouble]);
  return { outcome: isStuck ? "unreadable" : "rejected", code: opened.code };
}

async function store(engine: Engine, entry: Entry, { conversation, statements, shown, isChanged }: Applied): Promise<Ingested> {
  await engine.ports.store.write(statements);
  engine.conversations.adopt(conversation);
  if (shown !== undefined) engine.emit({ kind: "message", log: conversation.log, localId: shown, isNew: true });
  if (conversation.kind === "self") engine.emit({ kind: "own" });
  else if (isChanged) engine.emit({ kind: "conversation", log: conversation.log });
  return { outcome: "applied", endsEpoch: entry.kind === "handshake" };
}
