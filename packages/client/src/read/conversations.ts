/** The list of conversations as people see it: pinned ones first, then the latest first. */
import { accountId, type AccountId, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, textIn } from "../store/statements.ts";
import { type MessageView, messageByLocalId } from "./timeline.ts";

export type ConversationView = {
  readonly log: LogId;
  readonly kind: "direct" | "group";
  /** `request`: a stranger wrote first, and nothing was answered yet. What is blocked or was declined is not listed. */
  readonly status: "active" | "request" | "left";
  readonly title: string;
  readonly peer: AccountId | undefined;
  readonly unread: number;
  readonly updatedAt: number;
  /** A code if the conversation does not go on by itself. */
  readonly trouble: string | undefined;
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

const SELECT = `SELECT c.*, CASE WHEN c.kind = 'direct' THEN coalesce(nullif(p.username, ''), '?') ELSE c.title END AS shown,
    (SELECT count(*) FROM messages m WHERE m.log = c.log AND m.seq > c.read_seq AND m.sender <> ? AND m.kind <> 'system') AS unread,
    coalesce(d.text, '') AS draft, ${LAST} AS last_id
  FROM conversations c LEFT JOIN contacts p ON p.account = c.peer LEFT JOIN drafts d ON d.log = c.log
  WHERE c.status NOT IN ('blocked', 'declined') AND c.kind <> 'self' AND NOT (c.kind = 'direct' AND coalesce(p.is_blocked, 0) = 1)
  ORDER BY c.is_pinned DESC, c.updated_at DESC, c.log`;

export async function listConversations(engine: Engine): Promise<ConversationView[]> {
  if (engine.profile === undefined) return [];
  const rows = await engine.ports.store.all(SELECT, [engine.me.account]);
  return Promise.all(rows.map((row) => viewFrom(engine, row)));
}

async function viewFrom(engine: Engine, row: Row): Promise<ConversationView> {
  const [peer, last] = [optionalBytes(row, "peer"), optionalBytes(row, "last_id")];
  const trouble = row["trouble"];
  return {
    log: toId(logId, bytesIn(row, "log")),
    kind: oneOf(row, "kind", ["direct", "group"] as const),
    status: oneOf(row, "status", ["active", "request", "left"] as const),
    title: textIn(row, "shown"),
    peer: peer && toId(accountId, peer),
    unread: numberIn(row, "unread"),
    updatedAt: numberIn(row, "updated_at"),
    trouble: typeof trouble === "string" ? trouble : undefined,
    last: last && (await messageByLocalId(engine, last)),
    draft: textIn(row, "draft"),
    isMuted: numberIn(row, "muted_until") > engine.context.now,
    isPinned: numberIn(row, "is_pinned") === 1,
    isArchived: numberIn(row, "is_archived") === 1,
    timerSeconds: numberIn(row, "timer"),
  };
}
