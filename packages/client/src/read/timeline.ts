/** Reading messages as people see them. */
import {
  accountId,
  type AccountId,
  accountIdToText,
  bytesToHex,
  decodeUtf8,
  equalBytes,
  mentionsOf,
  hexToBytes,
  logId,
  type LogId,
  messageId,
  type MessageId,
  toId,
} from "@sotto/protocol";
import { type AttachmentView, attachmentViews } from "../attachments/attachment-rows.ts";
import { type ClientErrorCode, isClientErrorCode } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { type CommitFacts, decodeFacts, peopleIn } from "../groups/commit-facts.ts";
import { pollOf, type PollView } from "../polls/polls.ts";
import type { Row, SqlValue } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, optionalNumber, textIn } from "../store/statements.ts";

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
  readonly state: "sending" | "sent" | "delivered" | "read" | "failed" | "received" | "imported";
  /** With the state `failed`: why. */
  readonly failure: ClientErrorCode | undefined;
  readonly replyTo: MessageId | undefined;
  /** What `replyTo` names, if it is here. */
  readonly quoted: QuotedMessage | undefined;
  readonly editedAt: number | undefined;
  readonly attachments: readonly AttachmentView[];
  readonly reactions: readonly { readonly account: AccountId; readonly emoji: string }[];
  /** Of a row of kind `system`: who came and went, and what changed. */
  readonly change: GroupNews | undefined;
  readonly poll: PollView | undefined;
  /** Names of those whom the text mentions, by the text form of their accounts; empty for somebody without one. */
  readonly mentions: ReadonlyMap<string, string>;
  /** Where an imported message comes from; its sender is a person of the archive, its conversation one of `client.archive`. */
  readonly origin: { readonly service: string; readonly title: string } | undefined;
};

export type QuotedMessage = { readonly senderName: string; readonly kind: MessageView["kind"]; readonly text: string };
/** `names` by the text form of the account; empty for somebody without one. */
export type GroupNews = CommitFacts & { readonly names: ReadonlyMap<string, string> };

const KINDS = ["text", "poll", "contact", "unknown", "deleted", "system"] as const;
const STATES = ["sending", "sent", "delivered", "read", "failed", "received", "imported"] as const;

/** As the query below joins them: "account emoji, …", both in hex, since people choose what stands in a reaction. */
function reactionsFrom(joined: string): MessageView["reactions"] {
  return joined.split(",").flatMap((pair) => {
    const [account, emoji] = pair.split(" ").map((hex) => hexToBytes(hex.toLowerCase()));
    const text = emoji && decodeUtf8(emoji);
    return account?.length === 32 && text !== undefined ? [{ account: toId(accountId, account), emoji: text }] : [];
  });
}

function quotedFrom(row: Row): QuotedMessage | undefined {
  const text = row["quoted_text"];
  if (typeof text !== "string") return undefined;
  return { text, kind: oneOf(row, "quoted_kind", KINDS), senderName: textIn(row, "quoted_name") };
}

async function namesOf(engine: Engine, accounts: readonly AccountId[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const account of accounts) {
    const [known] = await engine.ports.store.all("SELECT username FROM contacts WHERE account = ?", [account]);
    const name = equalBytes(account, engine.me.account) ? engine.me.username : known?.["username"];
    names.set(accountIdToText(account), typeof name === "string" ? name : "");
  }
  return names;
}

async function newsFrom(engine: Engine, row: Row): Promise<GroupNews | undefined> {
  const facts = row["kind"] === "system" ? decodeFacts(optionalBytes(row, "content") ?? new Uint8Array()) : undefined;
  if (facts?.ok !== true) return undefined;
  return { ...facts.value, names: await namesOf(engine, [...peopleIn(facts.value).values()]) };
}

async function messageFrom(engine: Engine, row: Row): Promise<Omit<MessageView, "attachments">> {
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
    failure: failureOf(row),
    replyTo: reply && toId(messageId, reply),
    quoted: quotedFrom(row),
    editedAt: optionalNumber(row, "edited_at"),
    reactions: reactionsFrom(textIn(row, "reactions")),
    change: await newsFrom(engine, row),
    poll: await pollOf(engine, row),
    // What an export calls a mention is text here.
    mentions: await namesOf(engine, row["state"] === "imported" ? [] : mentionsOf(textIn(row, "text"))),
    origin: originOf(row),
  };
}

function failureOf({ state, failure }: Row): ClientErrorCode | undefined {
  if (state !== "failed") return undefined;
  return typeof failure === "string" && isClientErrorCode(failure) ? failure : "message_not_sent";
}

function originOf({ archive_service: service, archive_title: title }: Row): MessageView["origin"] {
  return typeof service === "string" && typeof title === "string" ? { service, title } : undefined;
}

/** The own name is a setting; those of others are with the contacts. */
const nameOf = (sender: string, contact: string): string =>
  `CASE WHEN ${sender} = (SELECT value FROM settings WHERE key = 'account') THEN (SELECT value FROM settings WHERE key = 'username') ELSE coalesce(${contact}, '') END`;

const WITH_NAME = `SELECT m.*, ${nameOf("m.sender", "p.username, ap.name")} AS sender_name,
    coalesce((SELECT group_concat(hex(r.account) || ' ' || hex(r.emoji), ',') FROM reactions r WHERE r.log = m.log AND r.target = m.message_id), '') AS reactions,
    q.text AS quoted_text, q.kind AS quoted_kind, ${nameOf("q.sender", "qp.username")} AS quoted_name,
    ac.service AS archive_service, ac.title AS archive_title
  FROM messages m LEFT JOIN contacts p ON p.account = m.sender
    LEFT JOIN messages q ON q.message_id = m.reply_to AND q.log = m.log LEFT JOIN contacts qp ON qp.account = q.sender
    LEFT JOIN archive_people ap ON ap.person = m.sender AND m.state = 'imported'
    LEFT JOIN archive_conversations ac ON ac.log = m.log AND m.state = 'imported'`;

/** `rest` goes on behind the tables: WHERE, ORDER, LIMIT; `m` are the messages. */
export async function messagesWhere(engine: Engine, rest: string, parameters: readonly SqlValue[]): Promise<MessageView[]> {
  const { store } = engine.ports;
  const rows = await store.all(`${WITH_NAME} ${rest}`, parameters);
  const found = await Promise.all(rows.map((row) => messageFrom(engine, row)));
  const files = await attachmentViews(
    store,
    found.map(({ localId }) => localId),
  );
  return found.map((message) => ({ ...message, attachments: files.get(bytesToHex(message.localId)) ?? [] }));
}

/** The last messages, oldest first; what is being sent comes last. `before` is the sequence number to go on from. */
export async function listMessages(
  engine: Engine,
  log: LogId,
  page: { readonly limit: number; readonly before?: number },
): Promise<MessageView[]> {
  const { limit, before = Number.MAX_SAFE_INTEGER } = page;
  const rest = "WHERE m.log = ? AND coalesce(m.seq, 0) < ? ORDER BY m.seq IS NULL DESC, m.seq DESC, m.id DESC LIMIT ?";
  return (await messagesWhere(engine, rest, [log, before, limit])).toReversed();
}

export async function messageByLocalId(engine: Engine, localId: Uint8Array): Promise<MessageView | undefined> {
  const [found] = await messagesWhere(engine, "WHERE m.local_id = ?", [localId]);
  return found;
}

/** The message with this id, in whichever conversation it is. */
export async function messageById(engine: Engine, id: MessageId): Promise<MessageView | undefined> {
  const [found] = await messagesWhere(engine, "WHERE m.message_id = ? ORDER BY m.id LIMIT 1", [id]);
  return found;
}
