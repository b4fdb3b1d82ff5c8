/**
 * Capabilities of an epoch (spec/log.md §Capabilities): the tokens that read and write a log, from the MLS exporter (RFC 9420 §8.5) with an
 * empty context, and the hashes by which the server knows them. Who is removed by a commit cannot derive the tokens that follow it.
 */
import { exportSecret, type GroupState as MlsState, type Outcome } from "@sotto/mls";
import { CAPABILITY_BYTES, capabilityHash, type CapabilityHashes, EXPORTER_LABELS, type LogId } from "@sotto/protocol";
import type { CoreContext } from "./context.ts";
import type { Conversation } from "./groups/conversation.ts";
import { type CoreOutcome, done, fromMls } from "./outcome.ts";

export type EpochTokens = { readonly epoch: number; readonly read: Uint8Array; readonly write: Uint8Array };

const NO_CONTEXT = new Uint8Array(0);

/** A secret of the present epoch; a removed member gets `group_inactive`. The exporter's context is empty unless given. */
export function exportEpochSecret(
  mls: MlsState,
  wanted: { readonly label: string; readonly length: number; readonly context?: Uint8Array },
  { crypto, random }: Pick<CoreContext, "crypto" | "random">,
): CoreOutcome<Uint8Array> {
  const outcome: Outcome<Uint8Array> = exportSecret(mls, { context: NO_CONTEXT, ...wanted }, { crypto, random, now: 0 });
  return outcome.ok ? done(outcome.value) : fromMls(outcome);
}

/** Every request needs a token and an epoch's stay the same: they are remembered as long as its exporter secret is held. */
const remembered = new WeakMap<Uint8Array, EpochTokens>();

export function epochTokens({ mls }: Pick<Conversation, "mls">, context: CoreContext): CoreOutcome<EpochTokens> {
  const known = mls.status === "removed" ? undefined : remembered.get(mls.secrets.exporter);
  if (known !== undefined) return done(known);
  const tokens = computeTokens(mls, context);
  if (tokens.ok) remembered.set(mls.secrets.exporter, tokens.value);
  return tokens;
}

function computeTokens(mls: MlsState, context: CoreContext): CoreOutcome<EpochTokens> {
  const read = exportEpochSecret(mls, { label: EXPORTER_LABELS.read, length: CAPABILITY_BYTES }, context);
  if (!read.ok) return read;
  const write = exportEpochSecret(mls, { label: EXPORTER_LABELS.write, length: CAPABILITY_BYTES }, context);
  return write.ok ? done({ epoch: Number(mls.context.epoch), read: read.value, write: write.value }) : write;
}

/** What the server keeps for an epoch. */
export function tokenHashes(log: LogId, { read, write }: EpochTokens): CapabilityHashes {
  return { read: capabilityHash(log, read), write: capabilityHash(log, write) };
}

export function epochHashes(conversation: Pick<Conversation, "mls" | "log">, context: CoreContext): CoreOutcome<CapabilityHashes> {
  const tokens = epochTokens(conversation, context);
  return tokens.ok ? done(tokenHashes(conversation.log, tokens.value)) : tokens;
}
