/**
 * Moving to the epoch of an own commit that was accepted (RFC 9420 §14).
 */
import { equalBytes } from "../bytes.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import type { GroupState } from "./state.ts";

/**
 * The state after an own commit: `next` as it was made, but with the message keys of `current` as they are now, so that what
 * was opened or sent while the commit was on its way cannot be opened twice. `usage` when `next` was not made in the epoch of `current`.
 */
export function adoptCommit(current: GroupState, next: GroupState): Outcome<GroupState> {
  return attempt(() => withPresentKeys(current, next));
}

/** {@link adoptCommit} for callers inside the engine. Throws Reject. */
export function withPresentKeys(current: GroupState, next: GroupState): GroupState {
  check(current.status === "active" && equalBytes(current.context.groupId, next.context.groupId), "usage");
  check(current.context.epoch + 1n === next.context.epoch, "usage");
  const pastEpochs = next.pastEpochs.map((past) => {
    if (past.context.epoch === current.context.epoch) {
      check(equalBytes(past.context.confirmedTranscriptHash, current.context.confirmedTranscriptHash), "usage");
      return { ...past, secretTree: current.secretTree };
    }
    return current.pastEpochs.find((entry) => entry.context.epoch === past.context.epoch) ?? past;
  });
  return { ...next, pastEpochs };
}
