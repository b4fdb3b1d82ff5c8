/**
 * Own entries of the last days with what is in them: a server that was set back to an older state has lost some, and they are sent again with the
 * same salt. So they keep their message id, and whoever has them already takes them for what they are.
 */
import { decodeContent, type Entry, entryId, idToText, type LogId, toId } from "@sotto/protocol";
import type { SqlValue, Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import { laneOf, type OutboxRow } from "./outbox.ts";

const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;
const RESENT_MAX = 500;

/** The words of an edit stay no longer than the message, which may have gone while the edit was on its way. */
const ORPHAN = `UPDATE sent SET draft = x'' WHERE local_id = ?
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.log = sent.log AND m.message_id = sent.replaces AND m.kind = 'text')`;

/** For the transaction that takes the row out of the outbox; before that statement. `seq` is the place in the timeline. */
export function keepSent(
  row: Pick<OutboxRow, "localId" | "log" | "draft" | "staged">,
  { entryId: id, acceptedAt }: Pick<Entry, "entryId" | "acceptedAt">,
  seq: number,
): Statement[] {
  const insert =
    "INSERT OR REPLACE INTO sent (local_id, log, entry_id, seq, at, message_id, draft, replaces) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
  const content = decodeContent(row.draft);
  const replaces = content.ok && content.value.body.kind === "text" ? content.value.replaces : null;
  const kept = sql(insert, row.localId, row.log, id, seq, acceptedAt, row.staged ?? new Uint8Array(), row.draft, replaces);
  return replaces === null ? [kept] : [kept, sql(ORPHAN, row.localId)];
}

/**
 * For the row of a message that the log has taken, before it is read from there. Its place is final only then: until now another row may have it, if
 * the conversation has moved meanwhile.
 */
export function shownAsSent(localId: Uint8Array, { seq, acceptedAt }: { readonly seq: number; readonly acceptedAt: number }): Statement {
  const update = `UPDATE OR IGNORE messages SET seq = coalesce(seq, ? + (SELECT base FROM places p WHERE p.log = messages.log)), at = ?, state = 'sent'
    WHERE local_id = ? AND state = 'sending'`;
  return sql(update, seq, acceptedAt, localId);
}

/** A message that is gone and its edits are not sent again, and leave no words. That their entries were own ones stays known: see {@link isSent}. */
export function forgetMessage(log: Uint8Array, id: SqlValue): Statement[] {
  const empty = "UPDATE sent SET draft = x'' WHERE log = ?";
  return [sql(`${empty} AND message_id = ?`, log, id), sql(`${empty} AND replaces = ?`, log, id)];
}

export function forgetSent(now: number): Statement {
  return sql("DELETE FROM sent WHERE at < ?", now - KEPT_MS);
}

export async function isSent(store: Store, log: LogId, entry: Uint8Array): Promise<boolean> {
  return (await store.all("SELECT 1 FROM sent WHERE log = ? AND entry_id = ?", [log, entry])).length > 0;
}

export type Missing = {
  /** From this place in the timeline on. */
  readonly from: number;
  /** Text forms of the entries that the server does have. */
  readonly present: ReadonlySet<string>;
};

/** Puts own entries that the server lost back into the outbox, in their order and before everything that waits. */
export async function resendStatements(store: Store, log: LogId, { from, present }: Missing): Promise<Statement[]> {
  const select =
    "SELECT * FROM (SELECT * FROM sent WHERE log = ? AND seq >= ? AND length(draft) > 0 ORDER BY seq DESC LIMIT ?) ORDER BY seq";
  const rows = (await store.all(select, [log, from, RESENT_MAX])).filter((row) => {
    const id = toId(entryId, bytesIn(row, "entry_id"));
    return !present.has(idToText(id));
  });
  const [lowest] = await store.all("SELECT coalesce(min(id), 1) AS id FROM outbox");
  const first = (lowest === undefined ? 1 : numberIn(lowest, "id")) - rows.length;
  const insert = "INSERT INTO outbox (id, lane, log, local_id, kind, draft, staged) VALUES (?, ?, ?, ?, 'message', ?, ?)";
  return rows.flatMap((row, i) => {
    const localId = bytesIn(row, "local_id");
    return [
      sql("DELETE FROM sent WHERE local_id = ?", localId),
      sql(insert, first + i, laneOf(log), log, localId, bytesIn(row, "draft"), bytesIn(row, "message_id")),
      sql("UPDATE messages SET state = 'sending' WHERE local_id = ? AND state = 'sent'", localId),
    ];
  });
}

/** What was handed to a log that is no more, or was not taken for good, is made again for the one that follows. */
export function unsendStatements(log: LogId): Statement[] {
  const forget = "UPDATE outbox SET request = NULL, entry_id = NULL, is_accepted = 0";
  return [
    sql(`${forget} WHERE log = ? AND kind = 'message'`, log),
    sql(`${forget}, staged = NULL WHERE log = ? AND kind IN ('commit', 'leave')`, log),
    sql("UPDATE messages SET state = 'sending' WHERE state = 'sent' AND local_id IN (SELECT local_id FROM outbox WHERE log = ?)", log),
  ];
}
