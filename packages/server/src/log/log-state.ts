/** What the server knows of a log while it takes appends (spec/server.md §Logs), and the decisions on it. Pure. */
import {
  type AppendRequest,
  bodyBytesMax,
  type CapabilityHashes,
  failure,
  type Failure,
  type LogId,
  NO_TAG,
  equalBytes,
} from "@sotto/protocol";
import { isTokenOf } from "./capabilities.ts";

export type EpochState = {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly lastSeq: number | undefined;
  readonly hashes: CapabilityHashes;
};

export type LogState = {
  readonly id: LogId;
  /** Short name of the log inside one database. */
  readonly number: number;
  epoch: number;
  seq: number;
  first: number;
  acceptedAt: number;
  /** What is known of `epoch`, once it was asked for. */
  current: EpochState | undefined;
};

export type AppendDecision =
  { readonly decision: "accept" } | { readonly decision: "conflict" } | { readonly decision: "refuse"; readonly failure: Failure };

const refuse = (code: Failure["code"]): AppendDecision => ({ decision: "refuse", failure: failure(code) });

/**
 * Whether an append is right apart from its entry id. `epochState` is that of the request's epoch. The token comes first: whoever has a wrong
 * one learns nothing, not even whether the epoch exists.
 */
export function decideAppend(state: LogState, epochState: EpochState | undefined, request: AppendRequest): AppendDecision {
  if (epochState === undefined || !isTokenOf(epochState.hashes.write, state.id, request.token)) return refuse("capability_invalid");
  if (request.body.length > bodyBytesMax(request.kind)) return refuse("form_length");
  if (request.kind === "handshake") {
    if (request.next === null) return refuse("log_next_required");
    if (!equalBytes(request.tag, NO_TAG)) return refuse("form_invalid");
  } else if (request.next !== null) {
    return refuse("log_next_forbidden");
  }
  return request.epoch === state.epoch ? { decision: "accept" } : { decision: "conflict" };
}
