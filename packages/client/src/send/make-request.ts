/**
 * Makes the request of a row whose turn has come: seals a message, stages a commit, proposes to leave. Stores the new state and the request in one
 * transaction, before the bytes leave.
 */
import {
  type CommitPlan,
  type Conversation,
  type CoreOutcome,
  isActive,
  isCommitDue,
  leaveConversation,
  sealContent,
  stageCommit,
} from "@sotto/core";
import { type AppendRequest, decodeContent, idToText } from "@sotto/protocol";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { decodePlan, encodePlan } from "../groups/plan.ts";
import { planCommit } from "../groups/plan-commit.ts";
import { encodeStaged, stagedFrom } from "../groups/staged.ts";
import { isTransient } from "../net/transient.ts";
import { newLocalId } from "../store/local-id.ts";
import { abandoned } from "./abandon.ts";
import { enqueueFirst, type OutboxRow, storeRequest } from "./outbox.ts";
import { requestOf } from "./send.ts";
import { encodeAppend } from "./stored-request.ts";

type Made = {
  readonly current: Conversation;
  readonly request: AppendRequest;
  readonly staged?: Uint8Array;
  readonly evidence?: Uint8Array;
};

/** The encoded request, or how to go on without one. */
export async function makeRequest(engine: Engine, row: OutboxRow): Promise<Uint8Array | "next" | "stop" | "later"> {
  const plan = row.kind === "commit" ? decodePlan(row.draft) : undefined;
  if (plan?.ok === false) return dispose(engine, row, plan.code);
  const prepared = plan && (await planCommit(engine, row.log, plan.value));
  if (prepared?.ok === false) return dispose(engine, row, prepared.code);
  return engine.serial.run(idToText(row.log), async () => {
    const before = await engine.conversations.get(row.log);
    if (!isActive(before)) return dispose(engine, row, "conversation_inactive");
    if (row.kind === "message" && isCommitDue(before)) {
      await engine.ports.store.write([
        enqueueFirst({ log: row.log, localId: newLocalId(engine.context), kind: "commit", draft: encodePlan({ kind: "due" }) }),
      ]);
      return "next";
    }
    const made = await make(engine, before, { row, plan: prepared?.value });
    if (!made.ok) return dispose(engine, row, made.code);
    const { current, request, staged, evidence } = made.value;
    const encoded = encodeAppend(request);
    await engine.ports.store.write([
      ...engine.conversations.statements(before, current),
      storeRequest(row.localId, {
        request: encoded,
        entryId: request.entryId,
        ...(staged === undefined ? {} : { staged }),
        ...(evidence === undefined ? {} : { evidence }),
      }),
    ]);
    engine.conversations.adopt(current);
    return encoded;
  });
}

async function dispose(engine: Engine, row: OutboxRow, code: string): Promise<"next" | "stop" | "later"> {
  if (isTransient(code)) return engine.anonymous.isReady ? "later" : "stop";
  await engine.ports.store.write(abandoned(row, code));
  engine.emit({ kind: "message", log: row.log, localId: row.localId, isNew: false });
  return "next";
}

type Order = { readonly row: OutboxRow; readonly plan: CommitPlan | undefined };

function make(engine: Engine, conversation: Conversation, { row, plan }: Order): Promise<ClientOutcome<Made>> {
  const acting = { conversation, self: engine.self };
  switch (row.kind) {
    case "message":
      return engine.decide((context) => {
        const content = decodeContent(row.draft);
        if (!content.ok) return content;
        const sealed = sealContent(acting, content.value, context);
        if (!sealed.ok) return sealed;
        const { current, request, messageId } = sealed.value;
        const { evidence } = requestOf(engine, sealed.value);
        return { ok: true, value: { current, request, staged: messageId, ...(evidence === undefined ? {} : { evidence }) } };
      });
    case "leave":
      return engine.decide((context): CoreOutcome<Made> => {
        const step = leaveConversation(acting, context);
        if (!step.ok || step.value.step === "proposal") return step;
        return {
          ok: true,
          value: { current: step.value.current, request: step.value.request, staged: encodeStaged(stagedFrom(step.value)) },
        };
      });
    case "commit":
      return engine.decide((context): CoreOutcome<Made> => {
        const staged = stageCommit(acting, plan ?? {}, context);
        if (!staged.ok) return staged;
        return {
          ok: true,
          value: { current: staged.value.current, request: staged.value.request, staged: encodeStaged(stagedFrom(staged.value)) },
        };
      });
    case "create":
    case "upload":
    case "deliver":
    case "rejoin":
      return Promise.resolve({ ok: false, code: "conversation_invalid" });
  }
}
