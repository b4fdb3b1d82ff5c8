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

/** Above this many, proposals that only fail together are all left out instead of being tried one after the other. */
const ONE_BY_ONE_MAX = 64;

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

function attemptApply(selecting: Selecting, list: readonly ListedProposal[]): Omit<Selection, "leftOut"> | undefined {
  try {
    return apply(selecting, list);
  } catch (error) {
    if (error instanceof Reject) return undefined;
    throw error;
  }
}

/** The largest beginning-first choice of `pending` that stands beside `fixed`. */
function fitting(selecting: Selecting, pending: readonly ListedProposal[], fixed: readonly ListedProposal[]): ListedProposal[] {
  const fits = (list: readonly ListedProposal[]): boolean => attemptApply(selecting, [...list, ...fixed]) !== undefined;
  const alone = pending.filter((item) => fits([item]));
  if (fits(alone)) return alone;
  const chosen: ListedProposal[] = [];
  if (alone.length <= ONE_BY_ONE_MAX) for (const item of alone) if (fits([...chosen, item])) chosen.push(item);
  return chosen;
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
