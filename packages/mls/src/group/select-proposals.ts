/**
 * The proposals that a commit by this member really can hold (RFC 9420 §12.4: all valid ones).
 *
 * Another member may have proposed something that no commit can hold, alone or beside the rest. It must not stop everybody's
 * commits: what does not fit is left out, and the result says which.
 */
import type { CipherSuite } from "../crypto/provider.ts";
import { Reject } from "../outcome.ts";
import { applyProposals, type Applied } from "./apply-proposals.ts";
import { allowAll, authenticateAll, type MlsContext, policyOf, secondsNow } from "./context.ts";
import { checkNewTree } from "./next-epoch.ts";
import { listProposals, type ProposalChoice } from "./pending.ts";
import type { ListedProposal } from "./proposal-rules.ts";
import { combinePsks, type PskSearch } from "./psks.ts";
import type { GroupState } from "./state.ts";

export type Selection = {
  readonly list: readonly ListedProposal[];
  readonly applied: Applied;
  readonly pskSecret: Uint8Array;
  /** References of pending proposals that were left out. */
  readonly leftOut: readonly Uint8Array[];
};

export type Selecting = { readonly state: GroupState; readonly suite: CipherSuite; readonly context: MlsContext; readonly psks: PskSearch };

/** Attempts at finding which proposals do not stand beside each other; what is not settled by then is left out. */
const ATTEMPTS_MAX = 64;

/** Everything about a list that can be checked before the path is made. Throws Reject. */
function apply(selecting: Selecting, list: readonly ListedProposal[]): Omit<Selection, "leftOut"> {
  const { state, suite, context, psks } = selecting;
  allowAll(context, list, state.ownLeafIndex);
  const committer = { kind: "member" as const, leafIndex: state.ownLeafIndex };
  const { lifetimeSecondsMax } = policyOf(context);
  const applied = applyProposals(state, list, { suite, committer, now: secondsNow(context), lifetimeSecondsMax });
  checkNewTree(applied, undefined);
  authenticateAll(context, applied.checks);
  return { list, applied, pskSecret: combinePsks(suite, applied.psks, psks) };
}

/** `undefined` when no commit can hold the list. A credential that is still to be checked is a matter for the caller. */
function attemptApply(selecting: Selecting, list: readonly ListedProposal[]): Omit<Selection, "leftOut"> | undefined {
  try {
    return apply(selecting, list);
  } catch (error) {
    if (error instanceof Reject && error.code !== "credential_deferred") return undefined;
    throw error;
  }
}

function isRemoval({ proposal: { kind } }: ListedProposal): boolean {
  return kind === "remove" || kind === "selfRemove";
}

/**
 * What of `pending` stands beside `fixed`: first what fits alone, then, removals before the rest, as many as fit together. Halves
 * that do not fit are halved again, so that a few bad ones among thousands are found in a few attempts.
 */
function fitting(selecting: Selecting, pending: readonly ListedProposal[], fixed: readonly ListedProposal[]): ListedProposal[] {
  const fits = (list: readonly ListedProposal[]): boolean => {
    const selection = attemptApply(selecting, [...list, ...fixed]);
    selection?.pskSecret.fill(0);
    return selection !== undefined;
  };
  let attempts = 0;
  const add = (chosen: readonly ListedProposal[], items: readonly ListedProposal[]): readonly ListedProposal[] => {
    if (items.length === 0 || attempts++ >= ATTEMPTS_MAX) return chosen;
    if (fits([...chosen, ...items])) return [...chosen, ...items];
    if (items.length === 1) return chosen;
    const half = items.length >> 1;
    return add(add(chosen, items.slice(0, half)), items.slice(half));
  };
  const alone = pending.filter((item) => fits([item]));
  const removals = alone.filter(isRemoval);
  const others = alone.filter((item) => !isRemoval(item));
  const chosen = new Set(add(add([], removals), others));
  return pending.filter((item) => chosen.has(item));
}

/**
 * Applies the caller's choice. Where the caller named references, they are all meant: what does not fit is a failure. Otherwise
 * pending proposals that do not fit are left out. Throws Reject.
 */
export function selectProposals(selecting: Selecting, choice: ProposalChoice): Selection {
  const list = listProposals(selecting.state, choice);
  const pending = list.filter(({ reference }) => reference !== undefined);
  const whole = choice.references === undefined && pending.length > 0 ? attemptApply(selecting, list) : apply(selecting, list);
  const fixed = list.filter(({ reference }) => reference === undefined);
  const selection = whole ?? apply(selecting, [...fitting(selecting, pending, fixed), ...fixed]);
  const used = new Set(selection.list.map(({ reference }) => reference));
  const leftOut = selecting.state.proposals.map(({ reference }) => reference).filter((reference) => !used.has(reference));
  return { ...selection, leftOut };
}
