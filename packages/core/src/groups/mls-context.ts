/**
 * How Sotto uses the MLS engine (spec/groups.md §Profile): the policy of every call.
 *
 * Entries come in log order and in the log's epoch, so no key of a past epoch is kept and none for messages that were skipped over: a message
 * key is gone once it was used, and an epoch's secrets when it ends.
 */
import type { Failure, MlsContext, Outcome, Proposal, ProposalOrigin } from "@sotto/mls";
import type { GroupContext } from "../context.ts";
import { authenticator, type NeededChains, type Strictness } from "../identity/authenticate.ts";
import { type CoreFailure, type CoreOutcome, done, failed, fromMls } from "../outcome.ts";

const DAY_SECONDS = 86_400;
/** Key packages are valid for 90 days and an hour; see groups/key-packages.ts. */
const LIFETIME_SECONDS_MAX = 91 * DAY_SECONDS;

/**
 * What may be proposed at all; who may is checked on the whole commit (groups/rules.ts). SelfRemove comes by reference from the one who
 * leaves; everything else stands in the commit itself, so that a commit can be judged by itself.
 */
function allowProposal(proposal: Proposal, { sender, committer, byReference }: ProposalOrigin): boolean {
  if (proposal.kind === "selfRemove") return sender.kind === "member" && (committer === undefined || byReference) && committer !== "joiner";
  if (committer === undefined || byReference) return false;
  if (committer === "joiner") return proposal.kind === "externalInit" || proposal.kind === "remove";
  return proposal.kind === "add" || proposal.kind === "remove" || proposal.kind === "groupContextExtensions";
}

function mlsContext(context: GroupContext, strictness: Strictness, needed: NeededChains): MlsContext {
  return {
    crypto: context.crypto,
    random: context.random,
    now: Math.floor(context.now / 1000),
    policy: {
      authenticate: authenticator(context.chains, strictness, needed),
      allowProposal,
      pastEpochs: 0,
      resumptionEpochs: 0,
      lifetimeSecondsMax: LIFETIME_SECONDS_MAX,
    },
  };
}

function outcomeOf(failure: Failure, needed: NeededChains): CoreFailure {
  if (failure.code === "credential_deferred") return failed("chain_needed", [...needed.values()]);
  return failure.code === "credential_rejected" ? failed("chain_refused") : fromMls(failure);
}

/** What a call needs, and how its failure is told: for calls that cannot be wrapped by callMls. */
export function openMls(
  context: GroupContext,
  strictness: Strictness,
): { readonly mls: MlsContext; readonly tell: (failure: Failure) => CoreFailure } {
  const needed: NeededChains = new Map();
  return { mls: mlsContext(context, strictness, needed), tell: (failure) => outcomeOf(failure, needed) };
}

/** Calls the engine. `own` is for what this device adds itself, `received` for what others did. */
export function callMls<T>(context: GroupContext, strictness: Strictness, call: (mls: MlsContext) => Outcome<T>): CoreOutcome<T> {
  const { mls, tell } = openMls(context, strictness);
  const outcome = call(mls);
  return outcome.ok ? done(outcome.value) : tell(outcome);
}
