/**
 * The outbox: what is to leave, each row in a lane, oldest first (spec/client-store.md §Outbox).
 *
 *   kind      draft                        request                       gone when
 *   create    log.create request           the same                      the server has the log
 *   deliver   inbox.deliver request         the same                      the server took it
 *   upload    [ blob, token, sealed bytes ]  the same                     the server has the blob: it stands before the notes that name it
 *   message   content                      append request, once sealed   the entry is read from the log
 *   commit    commit plan                  append request, once staged   the entry is read from the log, or there is nothing to do
 *   rejoin    empty, staged: conversation      append request                the log has it, or cannot take it
 *   leave     empty                        append request, once made     this device is out: an epoch that ends without it makes it anew; with other
 *                                                                        own devices it is first a commit that takes them out, and a new row follows
 *
 * A request is stored in the transaction that stores the state it was made from, and is sent again as it is until the server answers. Only a
 * `conflict`, which says that it never entered the log, clears it to be made again on the state of the log's epoch.
 */
import { entryId, type EntryId, logId, type LogId, idToText, toId } from "@sotto/protocol";
import type { Row, Statement, Store } from "../ports.ts";
import { FOR_ROOM } from "./lane-names.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, sql, textIn } from "../store/statements.ts";

const KINDS = ["create", "upload", "deliver", "message", "commit", "leave", "rejoin"] as const;
type OutboxKind = (typeof KINDS)[number];

export type OutboxRow = {
  readonly id: number;
  readonly lane: string;
  readonly log: LogId;
  readonly localId: Uint8Array;
  readonly kind: OutboxKind;
  readonly draft: Uint8Array;
  readonly request: Uint8Array | undefined;
  readonly entryId: EntryId | undefined;
  /** With a staged commit: the conversation after it, and the invitations. */
  readonly staged: Uint8Array | undefined;
  /** The server has it; its effect is not seen yet. */
  readonly isAccepted: boolean;
  /** With a sealed message: its evidence without a place. */
  readonly evidence: Uint8Array | undefined;
};

function rowFrom(row: Row): OutboxRow {
  const entry = optionalBytes(row, "entry_id");
  return {
    id: numberIn(row, "id"),
    lane: textIn(row, "lane"),
    log: toId(logId, bytesIn(row, "log")),
    localId: bytesIn(row, "local_id"),
    kind: oneOf(row, "kind", KINDS),
    draft: bytesIn(row, "draft"),
    request: optionalBytes(row, "request"),
    entryId: entry && toId(entryId, entry),
    staged: optionalBytes(row, "staged"),
    isAccepted: numberIn(row, "is_accepted") === 1,
    evidence: optionalBytes(row, "evidence"),
  };
}

export type OutboxDraft = Pick<OutboxRow, "log" | "localId" | "kind" | "draft"> & {
  readonly request?: Uint8Array;
  readonly entryId?: EntryId;
  /** The message id, with a message. */
  readonly staged?: Uint8Array;
  readonly evidence?: Uint8Array;
  /** That of the conversation unless given. */
  readonly lane?: string;
};

export function laneOf(log: LogId): string {
  return idToText(log);
}

const INSERT =
  "INSERT INTO outbox (lane, log, local_id, kind, draft, request, entry_id, staged, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const INSERT_FIRST = "INSERT INTO outbox (id, lane, log, local_id, kind, draft) SELECT coalesce(min(id), 1) - 1, ?, ?, ?, ?, ? FROM outbox";

export function enqueue({ log, localId, kind, draft, lane = laneOf(log), ...made }: OutboxDraft): Statement {
  const { request = null, entryId: entry = null, staged = null, evidence = null } = made;
  return sql(INSERT, lane, log, localId, kind, draft, request, entry, staged, evidence);
}

/** Before everything else: a commit without which nothing can be sealed. */
export function enqueueFirst({ log, localId, kind, draft }: OutboxDraft): Statement {
  return sql(INSERT_FIRST, laneOf(log), log, localId, kind, draft);
}

export function dequeue(localId: Uint8Array): Statement {
  return sql("DELETE FROM outbox WHERE local_id = ?", localId);
}

export function storeRequest(
  localId: Uint8Array,
  made: { readonly request: Uint8Array; readonly entryId: EntryId; readonly staged?: Uint8Array; readonly evidence?: Uint8Array },
): Statement {
  const update = "UPDATE outbox SET request = ?, entry_id = ?, staged = ?, evidence = ?, is_accepted = 0 WHERE local_id = ?";
  return sql(update, made.request, made.entryId, made.staged ?? null, made.evidence ?? null, localId);
}

export function clearRequest(localId: Uint8Array): Statement {
  const keepsStaged = "staged = CASE kind WHEN 'message' THEN staged END";
  return sql(`UPDATE outbox SET request = NULL, entry_id = NULL, ${keepsStaged}, is_accepted = 0 WHERE local_id = ?`, localId);
}

/** Of the request that was sent: it may have been made anew meanwhile. */
export function markAccepted(localId: Uint8Array, entry: EntryId): Statement {
  return sql("UPDATE outbox SET is_accepted = 1 WHERE local_id = ? AND entry_id = ?", localId, entry);
}

/** A wish to leave went with the epoch in which it was said, and is said again. */
export function leaveAgain(log: LogId): Statement {
  const update =
    "UPDATE outbox SET request = NULL, entry_id = NULL, staged = NULL, is_accepted = 0 WHERE log = ? AND kind = 'leave' AND request IS NOT NULL";
  return sql(update, log);
}

export async function lanes(store: Store): Promise<string[]> {
  return (await store.all("SELECT DISTINCT lane FROM outbox")).map((row) => textIn(row, "lane"));
}

/** What stands first in the lane: an accepted handshake holds it up until it is seen, an accepted message does not. */
export async function nextInLane(store: Store, lane: string): Promise<OutboxRow | undefined> {
  const select =
    "SELECT * FROM outbox WHERE lane = ? AND (is_accepted = 0 OR kind = 'commit' OR (kind = 'leave' AND staged IS NOT NULL)) ORDER BY id LIMIT 1";
  const [row] = await store.all(select, [lane]);
  return row && rowFrom(row);
}

/** What stands directly behind a row in its lane and goes to inboxes: invitations or notes that name the same blob. */
export async function nextDeliveries(store: Store, { lane, id }: OutboxRow): Promise<OutboxRow[]> {
  const rows = (await store.all("SELECT * FROM outbox WHERE lane = ? AND id > ? ORDER BY id", [lane, id])).map(rowFrom);
  const end = rows.findIndex(({ kind }) => kind !== "deliver");
  return end === -1 ? rows : rows.slice(0, end);
}

export async function ownEntry(store: Store, log: LogId, entry: EntryId): Promise<OutboxRow | undefined> {
  const [row] = await store.all("SELECT * FROM outbox WHERE log = ? AND entry_id = ?", [log, entry]);
  return row && rowFrom(row);
}

/** Whether any entry of the log is awaited as an own one. */
export async function isEntryAwaited(store: Store, log: LogId): Promise<boolean> {
  return (await store.all("SELECT 1 FROM outbox WHERE log = ? AND entry_id IS NOT NULL LIMIT 1", [log])).length > 0;
}

/** Whether something in the lane waits to be made or to be seen, so that what comes now is made in its turn. */
export async function isLaneHeld(store: Store, lane: string): Promise<boolean> {
  const select = "SELECT 1 FROM outbox WHERE lane = ? AND (kind IN ('commit', 'leave') OR (request IS NULL AND kind = 'message')) LIMIT 1";
  return (await store.all(select, [lane])).length > 0;
}

export function moveTo(lane: string, localId: Uint8Array): Statement {
  return sql("UPDATE outbox SET lane = ? WHERE local_id = ?", lane, localId);
}

export async function isRoomAwaited(store: Store): Promise<boolean> {
  return (await store.all("SELECT 1 FROM outbox WHERE lane LIKE ? OR lane LIKE ? LIMIT 1", FOR_ROOM)).length > 0;
}

/** Apart from what waits for room in an inbox, which nobody here can hurry, from wishes to leave that the log has, since somebody else has to grant them, and from what waits in a conversation that rests for a day. */
export async function isOutboxEmpty(store: Store): Promise<boolean> {
  const select = `SELECT 1 FROM outbox WHERE (kind <> 'leave' OR is_accepted = 0) AND NOT (lane LIKE ? OR lane LIKE ?)
    AND (kind = 'deliver' OR log NOT IN (SELECT log FROM places WHERE repair = 'rest')) LIMIT 1`;
  return (await store.all(select, FOR_ROOM)).length === 0;
}
