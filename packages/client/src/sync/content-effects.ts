/**
 * What a message does to the tables (spec/client-store.md §Effects), as statements: the same for own messages, once they are read from the log,
 * and for those of others. Edits, deletions and reactions count only from the account that they belong to.
 */
import type { DeviceAddress } from "@sotto/core";
import { type AccountId, type Content, equalBytes, type LogId, type MessageId, type MessageStatus } from "@sotto/protocol";
import { attachmentStatements } from "../attachments/attachment-rows.ts";
import type { Statement } from "../ports.ts";
import { expiresAfter } from "../expiry/expiry.ts";
import { voteEffects } from "../polls/polls.ts";
import { forgetMessage } from "../send/sent.ts";
import { sql } from "../store/statements.ts";

export type Arrived = {
  readonly log: LogId;
  readonly seq: number;
  readonly at: number;
  readonly localId: Uint8Array;
  readonly sender: DeviceAddress;
  /** This device sent it. */
  readonly isOwn: boolean;
  /** This device or another own one did. */
  readonly isOwnAccount: boolean;
  readonly messageId: MessageId;
  readonly content: Content;
  readonly bytes: Uint8Array;
  readonly evidence: Uint8Array | null;
  /** Whether the sender is to hear that the message arrived. */
  readonly isReceiptDue: boolean;
  readonly now: number;
  /** Of the conversation: messages disappear so long after reading; 0 for never. */
  readonly timerSeconds: number;
};

export type RowFacts = { readonly kind: "text" | "poll" | "contact" | "unknown"; readonly text: string };

/** The row of the timeline that content makes; undefined for what changes other rows, and for a sender's own card, which introduces them. */
export function rowFacts({ body, replaces }: Pick<Content, "body" | "replaces">, sender: AccountId): RowFacts | undefined {
  switch (body.kind) {
    case "text":
      return replaces === null ? { kind: "text", text: body.text } : undefined;
    case "poll":
      return { kind: "poll", text: body.question };
    case "contact":
      return equalBytes(body.account, sender) ? undefined : { kind: "contact", text: body.displayName };
    case "unknown":
      return { kind: "unknown", text: "" };
    case "reaction":
    case "unreaction":
    case "deletion":
    case "status":
    case "typing":
    case "vote":
    case "group":
      return undefined;
  }
}

const INSERT =
  "INSERT INTO messages (local_id, log, seq, message_id, sender, at, kind, text, content, state, reply_to, evidence, receipt_due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** An archived conversation comes back, unless it is muted. */
const TOUCH =
  "UPDATE conversations SET updated_at = max(updated_at, ?), is_archived = CASE WHEN muted_until > ? THEN is_archived ELSE 0 END WHERE log = ?";

/** When the message is to disappear. The time of own messages runs from now, that of others' from when they are read. */
function expiryEffects({ content, timerSeconds, now, isOwn, isOwnAccount, localId }: Arrived): Statement[] {
  const after = expiresAfter(content, timerSeconds, now);
  if (after === null) return [];
  const isRunning = isOwn || isOwnAccount || content.expires?.relative === false;
  return [
    sql("UPDATE messages SET expires_after = ?, expires_at = ? WHERE local_id = ?", after, isRunning ? now + after * 1000 : null, localId),
  ];
}

function rowEffects(arrived: Arrived, { kind, text }: RowFacts): Statement[] {
  const { log, seq, at, localId, messageId, content } = arrived;
  const touch = sql(TOUCH, at, arrived.now, log);
  const expiry = expiryEffects(arrived);
  if (arrived.isOwn) {
    const update =
      "UPDATE messages SET seq = ?, at = ?, message_id = ?, state = CASE state WHEN 'sending' THEN 'sent' ELSE state END WHERE local_id = ?";
    return [sql(update, seq, at, messageId, localId), touch, ...expiry];
  }
  const place = [localId, log, seq, messageId, arrived.sender.account, at] as const;
  const due = arrived.isReceiptDue ? "delivered" : null;
  const state = arrived.isOwnAccount ? "sent" : "received";
  const row = sql(INSERT, ...place, kind, text, arrived.bytes, state, content.inReplyTo, arrived.evidence, due);
  return [row, ...attachmentStatements(localId, content.body), touch, ...expiry];
}

export function contentEffects(arrived: Arrived): Statement[] {
  const { content, log, sender, at } = arrived;
  const { body, replaces, inReplyTo } = content;
  const row = rowFacts(content, sender.account);
  if (row !== undefined) return rowEffects(arrived, row);
  switch (body.kind) {
    case "text": {
      const edit =
        "UPDATE messages SET text = ?, content = ?, edited_at = ? WHERE log = ? AND message_id = ? AND sender = ? AND kind = 'text'";
      return [sql(edit, body.text, arrived.bytes, at, log, replaces, sender.account)];
    }
    case "deletion": {
      const empty =
        "UPDATE messages SET kind = 'deleted', text = '', content = NULL, evidence = NULL, receipt_due = NULL WHERE log = ? AND message_id = ? AND sender = ?";
      return [sql(empty, log, replaces, sender.account), ...(arrived.isOwnAccount ? forgetMessage(log, replaces) : [])];
    }
    case "reaction":
      return [sql("INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?, ?)", log, inReplyTo, sender.account, arrived.messageId, body.emoji)];
    case "unreaction":
      return [sql("DELETE FROM reactions WHERE log = ? AND message_id = ? AND account = ?", log, replaces, sender.account)];
    case "status":
      return body.statuses.flatMap(({ id, status }) =>
        arrived.isOwnAccount ? toldEffects(arrived, id, status) : receiptEffects(arrived, id, status),
      );
    case "contact": {
      const update =
        "INSERT INTO contacts (account, name, contact_token) VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET name = excluded.name, contact_token = coalesce(excluded.contact_token, contact_token)";
      return arrived.isOwnAccount ? [] : [sql(update, sender.account, body.displayName, body.contactToken)];
    }
    case "vote":
      return voteEffects({ log, account: sender.account, at, content });
    case "poll":
    case "typing":
    case "group":
    case "unknown":
      return [];
  }
}

/** An own device has told the sender: the others need not. */
function toldEffects({ log, isOwn }: Arrived, id: MessageId, status: MessageStatus): Statement[] {
  if (isOwn) return [];
  const due = status === "read" ? "('delivered', 'read')" : "('delivered')";
  return [sql(`UPDATE messages SET receipt_due = NULL WHERE log = ? AND message_id = ? AND receipt_due IN ${due}`, log, id)];
}

function receiptEffects({ log, sender, at }: Arrived, id: MessageId, status: MessageStatus): Statement[] {
  if (status !== "delivered" && status !== "read") return [];
  const upsert =
    "INSERT INTO receipts VALUES (?, ?, ?, ?, ?) ON CONFLICT (log, message_id, account) DO UPDATE SET status = excluded.status, at = excluded.at WHERE excluded.status = 'read'";
  const lower = status === "read" ? "('sending', 'sent', 'delivered')" : "('sending', 'sent')";
  return [
    sql(upsert, log, id, sender.account, status, at),
    sql(
      `UPDATE messages SET state = ? WHERE log = ? AND message_id = ? AND sender <> ? AND state IN ${lower}`,
      status,
      log,
      id,
      sender.account,
    ),
  ];
}
