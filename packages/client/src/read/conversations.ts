/** The list of conversations as people see it: pinned ones first, then the latest first. */
import { accountId, type AccountId, bytesToHex, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, textIn } from "../store/statements.ts";
import { type Undelivered, undeliveredByLog } from "../send/undelivered.ts";
import { directLogs } from "./direct.ts";
import { type MessageView, messagesWhere } from "./timeline.ts";

const STATUSES = ["active", "request", "leaving", "left"] as const;

export type ConversationView = {
  readonly log: LogId;
  readonly kind: "direct" | "group";
  /**
   * `request`: a stranger wrote first, and nothing was answered yet. `leaving`: this person wants to leave, and a commit has yet to let them go. What is
   * blocked or was declined is not listed.
   */
  readonly status: (typeof STATUSES)[number];
  /** Of a direct one the username; further ones with the same person have a number behind it: `emma (2)`. */
  readonly title: string;
  readonly peer: AccountId | undefined;
  /** At most 1,000. */
  readonly unread: number;
  readonly updatedAt: number;
  /** A code if the conversation does not go on by itself. */
  readonly trouble: string | undefined;
  /** Whom the invitation of this device did not reach. */
  readonly undelivered: readonly Undelivered[];
  readonly last: MessageView | undefined;
  /** What was written and not sent; empty for nothing. */
  readonly draft: string;
  readonly isMuted: boolean;
  readonly isPinned: boolean;
  readonly isArchived: boolean;
  /** Messages disappear so many seconds after reading; 0 for never. */
  readonly timerSeconds: number;
};

/** What is being sent comes last; else what is last in the log, changes of members apart. */
const LAST = `coalesce(
  (SELECT m.local_id FROM messages m WHERE m.log = c.log AND m.seq IS NULL ORDER BY m.id DESC LIMIT 1),
  (SELECT m.local_id FROM messages m WHERE m.log = c.log AND m.seq IS NOT NULL AND m.kind <> 'system' ORDER BY m.seq DESC LIMIT 1))`;

/** Counting goes no further: nobody reads the number. */
const UNREAD_MAX = 1_000;
/** Local ids in one query. */
const AT_ONCE = 500;

const SELECT = `SELECT c.*, CASE WHEN c.kind = 'direct' THEN coalesce(nullif(p.username, ''), '?') ELSE c.title END AS shown,
    CASE WHEN c.status <> 'left' AND c.log IN (SELECT log FROM outbox WHERE kind = 'leave') THEN 'leaving' ELSE c.status END AS state,
    (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.log = c.log AND m.seq > c.read_seq AND m.sender <> ? AND m.kind <> 'system'
      LIMIT ${UNREAD_MAX})) AS unread,
    coalesce(d.text, '') AS draft, ${LAST} AS last_id
  FROM conversations c LEFT JOIN contacts p ON p.account = c.peer LEFT JOIN drafts d ON d.log = c.log
  WHERE c.status NOT IN ('blocked', 'declined') AND c.kind <> 'self' AND NOT (c.kind = 'direct' AND coalesce(p.is_blocked, 0) = 1)
  ORDER BY c.is_pinned DESC, c.updated_at DESC, c.log`;

export async function listConversations(engine: Engine): Promise<ConversationView[]> {
  const rows = await engine.ports.store.all(SELECT, [engine.profile?.account ?? null]);
  const last = await lastMessages(
    engine,
    rows.map((row) => optionalBytes(row, "last_id")).filter((id) => id !== undefined),
  );
  const titles = await titlesOfMore(engine, rows);
  const undelivered = await undeliveredByLog(engine.ports.store);
  return rows.map((row) => {
    const view = viewFrom(engine, row, last);
    const unreached = undelivered.get(bytesToHex(view.log)) ?? [];
    return { ...view, undelivered: unreached, title: titles.get(bytesToHex(view.log)) ?? view.title };
  });
}

/** Titles of the direct conversations beside the first one with the same person, by log in hex. */
async function titlesOfMore({ ports }: Engine, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const shown = new Map<string, { readonly peer: Uint8Array; readonly name: string; count: number }>();
  for (const row of rows) {
    const peer = row["kind"] === "direct" ? optionalBytes(row, "peer") : undefined;
    if (peer === undefined) continue;
    const known = shown.get(bytesToHex(peer));
    if (known === undefined) shown.set(bytesToHex(peer), { peer, name: textIn(row, "shown"), count: 1 });
    else known.count += 1;
  }
  const titles = new Map<string, string>();
  for (const { peer, name, count } of shown.values()) {
    if (count === 1) continue;
    const logs = await directLogs(ports.store, toId(accountId, peer));
    for (const [i, log] of logs.entries()) if (i > 0) titles.set(bytesToHex(log), `${name} (${i + 1})`);
  }
  return titles;
}

/** By local id in hex. */
async function lastMessages(engine: Engine, ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, MessageView>> {
  const found = new Map<string, MessageView>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const messages = await messagesWhere(engine, `WHERE m.local_id IN (${some.map(() => "?").join(", ")})`, some);
    for (const message of messages) found.set(bytesToHex(message.localId), message);
  }
  return found;
}

function viewFrom(engine: Engine, row: Row, messages: ReadonlyMap<string, MessageView>): Omit<ConversationView, "undelivered"> {
  const [peer, last] = [optionalBytes(row, "peer"), optionalBytes(row, "last_id")];
  const trouble = row["trouble"];
  return {
    log: toId(logId, bytesIn(row, "log")),
    kind: oneOf(row, "kind", ["direct", "group"] as const),
    status: oneOf(row, "state", STATUSES),
    title: textIn(row, "shown"),
    peer: peer && toId(accountId, peer),
    unread: numberIn(row, "unread"),
    updatedAt: numberIn(row, "updated_at"),
    trouble: typeof trouble === "string" ? trouble : undefined,
    last: last && messages.get(bytesToHex(last)),
    draft: textIn(row, "draft"),
    isMuted: numberIn(row, "muted_until") > engine.context.now,
    isPinned: numberIn(row, "is_pinned") === 1,
    isArchived: numberIn(row, "is_archived") === 1,
    timerSeconds: numberIn(row, "timer"),
  };
}
