/**
 * What changed other rows of the timeline, kept with its evidence as long as those rows: an edit with the content before it, that something was
 * taken back, reactions, votes. It is for devices that missed it (spec/groups.md §History); what is shown is in the rows and tables that it changed.
 *
 * Of what is not so any more only the id stays (`void`), so that nobody can bring it back as history: a former edit, a changed vote, a withdrawn
 * reaction. While something is missing here, that goes for messages and reactions too that were taken back before they came.
 */
import type { Content, LogId, MessageId } from "@sotto/protocol";
import type { Statement } from "../ports.ts";
import { sql } from "../store/statements.ts";

export type Traced = {
  readonly log: LogId;
  readonly seq: number;
  readonly account: Uint8Array;
  readonly messageId: MessageId;
  readonly content: Content;
  readonly bytes: Uint8Array;
  readonly evidence: Uint8Array | null;
};

export type TraceRole = "edit" | "deletion" | "reaction" | "unreaction" | "vote";

export function traceRole({ body, replaces }: Pick<Content, "body" | "replaces">): TraceRole | undefined {
  switch (body.kind) {
    case "text":
      return replaces === null ? undefined : "edit";
    case "deletion":
    case "reaction":
    case "unreaction":
    case "vote":
      return body.kind;
    case "poll":
    case "contact":
    case "status":
    case "typing":
    case "group":
    case "unknown":
      return undefined;
  }
}

/** The row that it is about; for a reaction that is taken back, the one that the reaction was on. */
const TARGETS: Record<TraceRole, string> = {
  edit: "SELECT message_id AS target FROM messages WHERE log = ? AND message_id = ? AND sender = ? AND kind = 'text'",
  deletion: "SELECT message_id AS target FROM messages WHERE log = ? AND message_id = ? AND sender = ? AND kind <> 'deleted'",
  reaction: "SELECT message_id AS target FROM messages WHERE log = ? AND message_id = ? AND ? IS NOT NULL AND kind <> 'deleted'",
  unreaction: "SELECT target FROM reactions WHERE log = ? AND message_id = ? AND account = ?",
  vote: "SELECT message_id AS target FROM messages WHERE log = ? AND message_id = ? AND ? IS NOT NULL AND kind = 'poll'",
};

const ORIGINAL = `INSERT OR IGNORE INTO traces (log, message_id, target, sender, seq, role, content, evidence)
  SELECT log, message_id, message_id, sender, seq, 'original', content, evidence FROM messages
  WHERE log = ? AND message_id = ? AND sender = ? AND kind = 'text' AND edited_at IS NULL AND seq IS NOT NULL AND evidence IS NOT NULL AND content IS NOT NULL`;

const VOID = "UPDATE traces SET role = 'void', content = x'', evidence = x'' WHERE log = ? AND sender = ?";

const MISSING = `INSERT OR IGNORE INTO traces (log, message_id, target, sender, seq, role, content, evidence)
  SELECT ?, ?, ?, ?, ?, 'void', x'', x'' WHERE EXISTS (SELECT 1 FROM history_gaps WHERE log = ?)
    AND NOT EXISTS (SELECT 1 FROM messages WHERE log = ? AND message_id = ?)`;

/** Before the effects of the same content. */
export function traceStatements(traced: Traced): Statement[] {
  const { log, seq, account, messageId, content, bytes, evidence } = traced;
  const role = traceRole(content);
  const about = content.replaces ?? content.inReplyTo;
  if (role === undefined || about === null || evidence === null) return [];
  const insert = `INSERT OR REPLACE INTO traces (log, message_id, target, sender, seq, role, content, evidence)
    SELECT ?, ?, target, ?, ?, ?, ?, ? FROM (${TARGETS[role]}) LIMIT 1`;
  const added = sql(insert, log, messageId, account, seq, role, bytes, evidence, log, about, account);
  const missing = sql(MISSING, log, about, about, account, seq, log, log, about);
  switch (role) {
    case "edit":
      return [sql(ORIGINAL, log, about, account), sql(`${VOID} AND target = ? AND role = 'edit'`, log, account, about), added];
    case "vote":
      return [sql(`${VOID} AND target = ? AND role = 'vote'`, log, account, about), added];
    case "unreaction":
      return [added, sql(`${VOID} AND message_id = ? AND role = 'reaction'`, log, account, about), missing];
    case "deletion":
      return [added, missing];
    case "reaction":
      return [added];
  }
}
