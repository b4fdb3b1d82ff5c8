/** Reading conversations and messages as people see them. */
import { accountId, type AccountId, decodeUtf8, hexToBytes, logId, type LogId, messageId, type MessageId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, SqlValue } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, optionalNumber, textIn } from "../store/statements.ts";

export type ConversationView = {
  readonly log: LogId;
  readonly kind: "direct" | "group";
  /** `request`: a stranger wrote first, and nothing was answered yet. */
  readonly status: "active" | "request" | "left" | "blocked";
  readonly title: string;
  readonly peer: AccountId | undefined;
  readonly unread: number;
  readonly updatedAt: number;
  /** A code if the conversation does not go on by itself. */
  readonly trouble: string | undefined;
};

export type MessageView = {
  readonly localId: Uint8Array;
  readonly log: LogId;
  readonly seq: number | undefined;
  readonly messageId: MessageId | undefined;
  readonly sender: AccountId;
  readonly senderName: string;
  readonly at: number;
  readonly kind: "text" | "poll" | "contact" | "unknown" | "deleted" | "system";
  readonly text: string;
  readonly state: "sending" | "sent" | "delivered" | "read" | "failed" | "received";
  readonly replyTo: MessageId | undefined;
  readonly editedAt: number | undefined;
  readonly reactions: readonly { readonly account: AccountId; readonly emoji: string }[];
};

const KINDS = ["text", "poll", "contact", "unknown", "deleted", "system"] as const;
const STATES = ["sending", "sent", "delivered", "read", "failed", "received"] as const;

export async function listConversations(engine: Engine): Promise<ConversationView[]> {
  const select = `SELECT c.*, CASE WHEN c.kind = 'direct' THEN coalesce(nullif(p.username, ''), '?') ELSE c.title END AS shown,
      (SELECT count(*) FROM messages m WHERE m.log = c.log AND m.seq > c.read_seq AND m.sender <> ? AND m.kind <> 'system') AS unread
    FROM conversations c LEFT JOIN contacts p ON p.account = c.peer WHERE c.status <> 'blocked' AND c.kind <> 'self' ORDER BY c.updated_at DESC, c.log`;
  const rows = await engine.ports.store.all(select, [engine.me.account]);
  return rows.map((row) => {
    const peer = optionalBytes(row, "peer");
    const trouble = row["trouble"];
    return {
      log: toId(logId, bytesIn(row, "log")),
      kind: oneOf(row, "kind", ["direct", "group"] as const),
      status: oneOf(row, "status", ["active", "request", "left", "blocked"] as const),
      title: textIn(row, "shown"),
      peer: peer && toId(accountId, peer),
      unread: numberIn(row, "unread"),
      updatedAt: numberIn(row, "updated_at"),
      trouble: typeof trouble === "string" ? trouble : undefined,
    };
  });
}

/** As the query below joins them: "account emoji, …", both in hex, since people choose what stands in a reaction. */
function reactionsFrom(joined: string): MessageView["reactions"] {
  return joined.split(",").flatMap((pair) => {
    const [account, emoji] = pair.split(" ").map((hex) => hexToBytes(hex.toLowerCase()));
    const text = emoji && decodeUtf8(emoji);
    return account?.length === 32 && text !== undefined ? [{ account: toId(accountId, account), emoji: text }] : [];
  });
}

function messageFrom(row: Row): MessageView {
  const [id, reply] = [optionalBytes(row, "message_id"), optionalBytes(row, "reply_to")];
  return {
    localId: bytesIn(row, "local_id"),
    log: toId(logId, bytesIn(row, "log")),
    seq: optionalNumber(row, "seq"),
    messageId: id && toId(messageId, id),
    sender: toId(accountId, bytesIn(row, "sender")),
    senderName: textIn(row, "sender_name"),
    at: numberIn(row, "at"),
    kind: oneOf(row, "kind", KINDS),
    text: textIn(row, "text"),
    state: oneOf(row, "state", STATES),
    replyTo: reply && toId(messageId, reply),
    editedAt: optionalNumber(row, "edited_at"),
    reactions: reactionsFrom(textIn(row, "reactions")),
  };
}

const WITH_NAME =
  "SELECT m.*, CASE WHEN m.sender = (SELECT value FROM settings WHERE key = 'account') THEN (SELECT value FROM settings WHERE key = 'username') ELSE coalesce(p.username, '') END AS sender_name, coalesce((SELECT group_concat(hex(r.account) || ' ' || hex(r.emoji), ',') FROM reactions r WHERE r.log = m.log AND r.target = m.message_id), '') AS reactions FROM messages m LEFT JOIN contacts p ON p.account = m.sender";

async function messages(engine: Engine, rest: string, parameters: readonly SqlValue[]): Promise<MessageView[]> {
  return (await engine.ports.store.all(`${WITH_NAME} ${rest}`, parameters)).map(messageFrom);
}

/** The last messages, oldest first; what is being sent comes last. `before` is the sequence number to go on from. */
export async function listMessages(
  engine: Engine,
  log: LogId,
  page: { readonly limit: number; readonly before?: number },
): Promise<MessageView[]> {
  const { limit, before = Number.MAX_SAFE_INTEGER } = page;
  const rest = "WHERE m.log = ? AND coalesce(m.seq, 0) < ? ORDER BY m.seq IS NULL DESC, m.seq DESC, m.id DESC LIMIT ?";
  return (await messages(engine, rest, [log, before, limit])).toReversed();
}

export async function messageByLocalId(engine: Engine, localId: Uint8Array): Promise<MessageView | undefined> {
  const [found] = await messages(engine, "WHERE m.local_id = ?", [localId]);
  return found;
}

/** The message with this id, in whichever conversation it is. */
export async function messageById(engine: Engine, id: MessageId): Promise<MessageView | undefined> {
  const [found] = await messages(engine, "WHERE m.message_id = ? ORDER BY m.id LIMIT 1", [id]);
  return found;
}

const TRIGRAM = 3;

/** Messages with `query` anywhere in their text, newest first. Shorter queries than a trigram are looked for without the index. */
export async function searchMessages(engine: Engine, query: string, limit: number): Promise<MessageView[]> {
  if (Array.from(query).length >= TRIGRAM) {
    const phrase = `"${query.replaceAll('"', '""')}"`;
    const rest =
      "WHERE m.id IN (SELECT rowid FROM messages_text WHERE messages_text MATCH ? ORDER BY rowid DESC LIMIT ?) ORDER BY m.id DESC";
    return messages(engine, rest, [phrase, limit]);
  }
  const pattern = `%${query.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return messages(engine, String.raw`WHERE m.text LIKE ? ESCAPE '\' ORDER BY m.id DESC LIMIT ?`, [pattern, limit]);
}
