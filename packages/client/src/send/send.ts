/**
 * Sending content: ONE transaction stores the new ratchet state, the sealed entry and the row "sending"; only then may bytes leave. While a commit
 * is on its way, the content waits in the outbox unsealed and is sealed in its turn.
 *
 * What is sent to a conversation while an earlier transaction is under way shares the next one: a disk is waited for once, not once for each.
 */
import { type Conversation, isActive, isCommitDue, messageIdOf, sealEncoded, type SealedContent, unplacedEvidence } from "@sotto/core";
import {
  type Body,
  type Content,
  encodeAppendRequest,
  encodeContent,
  type EntryId,
  idToText,
  type LogId,
  type MessageId,
  plainContent,
  SALT_BYTES,
} from "@sotto/protocol";
import { attachmentStatements } from "../attachments/attachment-rows.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { newLocalId } from "../store/local-id.ts";
import { sql } from "../store/statements.ts";
import { rowFacts } from "../sync/content-effects.ts";
import { enqueue, isLaneHeld, laneOf } from "./outbox.ts";

export type Outgoing = {
  readonly body: Body;
  readonly replaces?: MessageId;
  readonly inReplyTo?: MessageId;
};

type Draft = {
  readonly content: Content;
  readonly bytes: Uint8Array;
  readonly localId: Uint8Array;
  readonly isNew: boolean;
  readonly also: readonly Statement[];
};

const INSERT =
  "INSERT INTO messages (local_id, log, message_id, sender, at, kind, text, content, state, reply_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sending', ?) ON CONFLICT (local_id) DO UPDATE SET message_id = excluded.message_id, at = excluded.at, content = excluded.content";

type Beside = {
  /** Stored in the same transaction. */
  readonly also?: readonly Statement[];
  /** Chosen before, or that of a row that is there and waited for its files. */
  readonly localId?: Uint8Array;
};

/** Stores the content on its way, with `also`; the local id names its row. */
export async function sendContent(
  engine: Engine,
  log: LogId,
  { also = [], localId: known, ...outgoing }: Outgoing & Beside,
): Promise<Uint8Array> {
  const { body, replaces = null, inReplyTo = null } = outgoing;
  const { kind, group } = await engine.conversations.get(log);
  const timed = kind !== "self" && group.timerSeconds > 0 && rowFacts({ body, replaces }, engine.me.account) !== undefined;
  const expires = timed ? { relative: true, seconds: group.timerSeconds } : null;
  // The salt is chosen once: however often the content is sealed, its message id stays.
  const salt = engine.context.random(SALT_BYTES);
  const content = { ...plainContent(salt, body), replaces, inReplyTo, expires };
  const localId = known ?? newLocalId(engine.context);
  const draft: Draft = { content, bytes: orThrow(encodeContent(content)), localId, isNew: known === undefined, also };
  await engine.serial.runTogether(idToText(log), draft, (drafts: readonly Draft[]) => storeDrafts(engine, log, drafts));
  return localId;
}

/** One outcome for each: a draft that cannot be sealed does not hold up the others. */
async function storeDrafts(engine: Engine, log: LogId, drafts: readonly Draft[]): Promise<readonly (ClientError | undefined)[]> {
  const before = await engine.conversations.get(log);
  if (!isActive(before)) throw new ClientError("conversation_inactive");
  const isHeld = isCommitDue(before) || (await isLaneHeld(engine.ports.store, laneOf(log)));
  let current = before;
  const statements: Statement[] = [];
  const outcomes = drafts.map((draft) => {
    const sealed = isHeld ? undefined : seal(engine, current, draft);
    if (sealed?.ok === false) return new ClientError(sealed.code);
    if (sealed !== undefined) current = sealed.value.current;
    statements.push(...draftStatements(engine, { log, conversation: before }, { draft, sealed: sealed?.value }));
    return undefined;
  });
  await engine.ports.store.write([...engine.conversations.statements(before, current), ...statements]);
  engine.conversations.adopt(current);
  const stored = drafts.filter((draft, at) => outcomes[at] === undefined && factsOf(engine, before, draft) !== undefined);
  engine.searchIndex.added(stored.length);
  for (const { localId, isNew } of stored) engine.emit({ kind: "message", log, localId, isNew });
  return outcomes;
}

function seal(engine: Engine, conversation: Conversation, draft: Draft) {
  return sealEncoded({ conversation, self: engine.self }, draft, engine.context);
}

type Sealed = Extract<ReturnType<typeof seal>, { ok: true }>["value"];

const factsOf = (engine: Engine, { kind }: Conversation, { content }: Draft) =>
  kind === "self" ? undefined : rowFacts(content, engine.me.account);

function draftStatements(
  engine: Engine,
  { log, conversation }: { readonly log: LogId; readonly conversation: Conversation },
  { draft, sealed }: { readonly draft: Draft; readonly sealed: Sealed | undefined },
): Statement[] {
  const { content, bytes, localId, also } = draft;
  const messageId = sealed?.messageId ?? messageIdOf(conversation, { account: engine.me.account, bytes, salt: content.salt });
  const facts = factsOf(engine, conversation, draft);
  const { now } = engine.context;
  const row =
    facts === undefined
      ? []
      : [
          sql(INSERT, localId, log, messageId, engine.me.account, now, facts.kind, facts.text, bytes, content.inReplyTo),
          ...attachmentStatements(localId, content.body),
          sql("UPDATE conversations SET updated_at = ?, is_archived = 0 WHERE log = ?", now, log),
        ];
  const made = sealed && requestOf(engine, sealed);
  return [...also, ...row, enqueue({ log, localId, kind: "message", draft: bytes, staged: messageId, ...made })];
}

/** What the outbox keeps of a sealed message beside its draft. */
export function requestOf(
  engine: Engine,
  { request, evidence, bytes }: SealedContent,
): { readonly request: Uint8Array; readonly entryId: EntryId; readonly evidence?: Uint8Array } {
  const sender = { account: engine.me.account, device: engine.self.id };
  const unplaced = unplacedEvidence(evidence, { sender, tag: request.tag }, bytes);
  return { request: encodeAppendRequest(request), entryId: request.entryId, ...(unplaced.ok ? { evidence: unplaced.value } : {}) };
}

export function textBody(text: string): Body {
  return { kind: "text", text, format: "markdown", attachments: [] };
}
