/**
 * Opening a queue of messages (RFC 9420 §6.3, §15) with the signatures (§6.1) checked elsewhere, so that every core works.
 *
 * Application messages are decrypted in runs. While the signatures of one run are checked, the next run is decrypted from the state that
 * the first leads to if all of them are good. The results are those of {@link receiveMessage} one by one: where a signature fails, that run
 * is opened again in sequence, since a message that failed must leave no trace in the state, and what was decrypted ahead is dropped. A
 * handshake waits until everything before it is certain.
 *
 * Runs are short enough that a forged signature wastes little, and long enough to keep a few threads busy while this one decrypts.
 */
import { readWhole } from "../codec/reader.ts";
import { signedBytes } from "../crypto/labels.ts";
import { attempt, check, failure, type Outcome } from "../outcome.ts";
import { readMlsMessage } from "../structs/mls-message.ts";
import { checkIncomingData } from "./authenticated-data.ts";
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

const RUN_MESSAGES_MAX = 256;

/** Application messages from `start` to before `end`, decrypted; `state` is the one after them if every signature is good. */
type Run = { readonly start: number; readonly end: number; readonly state: GroupState; readonly outcomes: readonly Outcome<Opened>[] };

function openOne(state: GroupState, message: Uint8Array, context: MlsContext): Outcome<Opened> {
  return attempt(() => {
    const decoded = readWhole(readMlsMessage, message);
    check(decoded.kind === "privateMessage" && decoded.message.contentKind === "application", "unsupported_wire_format");
    const opened = openPrivate(state, decoded.message, { suite: suiteOf(context, state.context.suiteId), context });
    checkIncomingData(opened.extensions, decoded.message.authenticatedData);
    return opened;
  });
}

/** Decrypts up to the first message that is something else; an empty run when that is the first. */
function openRun(state: GroupState, from: { readonly messages: readonly Uint8Array[]; readonly start: number }, context: MlsContext): Run {
  const outcomes: Outcome<Opened>[] = [];
  let at = state;
  for (const message of from.messages.slice(from.start, from.start + RUN_MESSAGES_MAX)) {
    const outcome = openOne(at, message, context);
    if (!outcome.ok && outcome.code === "unsupported_wire_format") break;
    if (outcome.ok) at = outcome.value.state;
    outcomes.push(outcome);
  }
  return { start: from.start, end: from.start + outcomes.length, state: at, outcomes };
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

function checksOf(run: Run): SignatureCheck[] {
  return run.outcomes.flatMap((outcome) => {
    if (!outcome.ok) return [];
    const { signatureKey, toBeSigned, signature } = outcome.value.evidence;
    return [{ publicKey: signatureKey, message: signedBytes("FramedContentTBS", toBeSigned), signature }];
  });
}

/** Whether all signatures of a run are good; a verifier that leaves one out has not checked it. */
async function isRunGood(run: Run, verifier: SignatureVerifier): Promise<boolean> {
  const checks = checksOf(run);
  if (checks.length === 0) return true;
  const verdicts: readonly unknown[] = await verifier.verifyMany(run.state.context.suiteId, checks);
  return verdicts.length === checks.length && verdicts.every((verdict) => verdict === true);
}

/** A run whose signatures are being checked. */
type Flight = { readonly run: Run; readonly isGood: Promise<boolean> };

function launch(run: Run, verifier: SignatureVerifier): Flight {
  const isGood = isRunGood(run, verifier);
  // A run decrypted ahead may be dropped, and nobody hears then that its verifier failed.
  isGood.catch(() => undefined);
  return { run, isGood };
}

function handedOut(outcome: Outcome<Opened>): Outcome<Received> {
  return outcome.ok ? { ok: true, value: applicationOf(outcome.value) } : failure(outcome.code);
}

/** Rejects when the verifier fails; nothing has changed then, and the queue may be tried again. */
export async function receiveQueue(
  state: GroupState,
  messages: readonly Uint8Array[],
  on: { readonly context: MlsContext; readonly verifier: SignatureVerifier },
): Promise<QueueResult> {
  const { context, verifier } = on;
  const outcomes: Outcome<Received>[] = [];
  let certain = state;
  const openInSequence = (start: number, end: number): void => {
    const result = inSequence(certain, messages.slice(start, end), context);
    for (const outcome of result.outcomes) outcomes.push(outcome);
    certain = result.state;
  };
  let flight: Flight | undefined;
  let start = 0;
  while (start < messages.length || flight !== undefined) {
    const ahead = launch(openRun(flight?.run.state ?? certain, { messages, start }, context), verifier);
    if (flight !== undefined) {
      const { run, isGood } = flight;
      flight = undefined;
      if (await isGood) {
        for (const outcome of run.outcomes) outcomes.push(handedOut(outcome));
        certain = run.state;
      } else {
        openInSequence(run.start, run.end);
        start = run.end;
        continue;
      }
    }
    if (ahead.run.end > start) {
      flight = ahead;
      start = ahead.run.end;
    } else if (start < messages.length) {
      openInSequence(start, start + 1);
      start += 1;
    }
  }
  return { state: certain, outcomes };
}
