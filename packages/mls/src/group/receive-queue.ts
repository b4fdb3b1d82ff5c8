/**
 * Opening a queue of application messages with the signatures checked elsewhere, so that every core works.
 *
 * The results are those of {@link receiveMessage} one by one: where a signature in a batch fails, that batch is
 * opened again in sequence, since a message that failed must leave no trace in the state.
 */
import { readWhole } from "../codec/reader.ts";
import { signedBytes } from "../crypto/labels.ts";
import { attempt, check, failure, type Outcome } from "../outcome.ts";
import { readMlsMessage } from "../structs/mls-message.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { applicationOf, type Opened, openPrivate, type Received, receiveMessage } from "./receive.ts";
import type { GroupState } from "./state.ts";

export type SignatureCheck = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };

/** Checks signatures on other threads; one answer an item, in order. */
export type SignatureVerifier = { readonly verifyMany: (suiteId: number, items: readonly SignatureCheck[]) => Promise<readonly boolean[]> };

export type QueueResult = {
  readonly state: GroupState;
  /** One outcome a message, in order. The `state` inside is the one after that message. */
  readonly outcomes: readonly Outcome<Received>[];
};

const BATCH = 512;

function openOne(state: GroupState, message: Uint8Array, context: MlsContext): Outcome<Opened> {
  return attempt(() => {
    const decoded = readWhole(readMlsMessage, message);
    check(decoded.kind === "privateMessage" && decoded.message.contentKind === "application", "unsupported_wire_format");
    return openPrivate(state, decoded.message, { suite: suiteOf(context, state.context.suiteId), context });
  });
}

type Batch = { readonly state: GroupState; readonly outcomes: readonly Outcome<Opened>[]; readonly isPlain: boolean };

/** Decrypts a batch; `isPlain` is false when it holds anything but application messages. */
function openBatch(state: GroupState, messages: readonly Uint8Array[], context: MlsContext): Batch {
  const outcomes: Outcome<Opened>[] = [];
  let at = state;
  for (const message of messages) {
    const outcome = openOne(at, message, context);
    if (!outcome.ok && outcome.code === "unsupported_wire_format") return { state, outcomes: [], isPlain: false };
    if (outcome.ok) at = outcome.value.state;
    outcomes.push(outcome);
  }
  return { state: at, outcomes, isPlain: true };
}

function inSequence(state: GroupState, messages: readonly Uint8Array[], context: MlsContext): QueueResult {
  let at = state;
  const outcomes = messages.map((message) => {
    const outcome = receiveMessage(at, message, context);
    if (outcome.ok) at = outcome.value.state;
    return outcome;
  });
  return { state: at, outcomes };
}

function checksOf(batch: Batch): SignatureCheck[] {
  return batch.outcomes.flatMap((outcome) => {
    if (!outcome.ok) return [];
    const { signatureKey, toBeSigned, signature } = outcome.value.evidence;
    return [{ publicKey: signatureKey, message: signedBytes("FramedContentTBS", toBeSigned), signature }];
  });
}

export async function receiveQueue(
  state: GroupState,
  messages: readonly Uint8Array[],
  on: { readonly context: MlsContext; readonly verifier: SignatureVerifier },
): Promise<QueueResult> {
  const { context, verifier } = on;
  const outcomes: Outcome<Received>[] = [];
  let at = state;
  for (let start = 0; start < messages.length; start += BATCH) {
    const part = messages.slice(start, start + BATCH);
    const batch = openBatch(at, part, context);
    const verdicts = batch.isPlain ? await verifier.verifyMany(state.context.suiteId, checksOf(batch)) : [false];
    if (verdicts.every(Boolean)) {
      for (const outcome of batch.outcomes) {
        outcomes.push(outcome.ok ? { ok: true, value: applicationOf(outcome.value) } : failure(outcome.code));
      }
      at = batch.state;
    } else {
      const result = inSequence(at, part, context);
      outcomes.push(...result.outcomes);
      at = result.state;
    }
  }
  return { state: at, outcomes };
}
