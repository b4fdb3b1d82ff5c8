/**
 * Sending content: ONE transaction stores the new ratchet state, the sealed entry and the row "sending"; only then may bytes leave. While a commit
 * is on its way, the content waits in the outbox unsealed and is sealed in its turn.
 */
import { isActive, isCommitDue, sealContent } from "@sotto/core";
import { type Body, encodeCbor, encodeContent, idToText, type LogId, type MessageId, plainContent, SALT_BYTES } from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { sql } from "../store/statements.ts";
import { rowFacts } from "../sync/content-effects.ts";
import { enqueue, isLaneHeld, laneOf } from "./outbox.ts";

export type Outgoing = {
  readonly body: Body;
  readonly replaces?: MessageId;
  readonly inReplyTo?: MessageId;
};

const LOCAL_ID_BYTES = 16;
const INSERT =
  "INSERT INTO messages (local_id, log, message_id, sender, at, kind, text, content, state, reply_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sending', ?)";

type Beside = {
  /** Stored in the same transaction. */
  readonly also?: readonly Statement[];
  readonly localId?: Uint8Array;
};

/** Stores the content on its way, with `also`; the local id names its row. */
export async function sendContent(
  engine: Engine,
  log: LogId,
  { also = [], localId = engine.context.random(LOCAL_ID_BYTES), ...outgoing }: Outgoing & Beside,
): Promise<Uint8Array> {
  const { body, replaces = null, inReplyTo = null } = outgoing;
  const draft = { ...plainContent(new Uint8Array(SALT_BYTES), body), replaces, inReplyTo };
  const bytes = orThrow(encodeContent(draft));
  await engine.serial.run(idToText(log), async () => {
    const before = await engine.conversations.get(log);
    if (!isActive(before)) throw new ClientError("conversation_inactive");
    const isHeld = isCommitDue(before) || (await isLaneHeld(engine.ports.store, laneOf(log)));
    const { salt: _, ...unsalted } = draft;
    const sealed = isHeld ? undefined : orThrow(sealContent({ conversation: before, self: engine.self }, unsalted, engine.context));
    const facts = before.kind === "self" ? undefined : rowFacts(draft, engine.me.account);
    const { now } = engine.context;
    const row =
      facts === undefined
        ? []
        : [
            sql(INSERT, localId, log, sealed?.messageId ?? null, engine.me.account, now, facts.kind, facts.text, bytes, inReplyTo),
            sql("UPDATE conversations SET updated_at = ? WHERE log = ?", now, log),
          ];
    const request = sealed && { request: encodeCbor(sealed.request), entryId: sealed.request.entryId };
    const state = sealed === undefined ? [] : engine.conversations.statements(before, sealed.current);
    const named = sealed === undefined ? [] : [sql("UPDATE outbox SET staged = ? WHERE local_id = ?", sealed.messageId, localId)];
    await engine.ports.store.write([
      ...also,
      ...state,
      ...row,
      enqueue({ log, localId, kind: "message", draft: bytes, ...request }),
      ...named,
    ]);
    if (sealed !== undefined) engine.conversations.adopt(sealed.current);
    if (facts !== undefined) engine.emit({ kind: "message", log, localId, isNew: true });
  });
  return localId;
}

export function textBody(text: string): Body {
  return { kind: "text", text, format: "markdown", attachments: [] };
}
