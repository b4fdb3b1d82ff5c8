/**
 * Choosing which pending proposals a commit refers to (RFC 9420 §12.2, §12.4: a committer includes all valid ones).
 */
import { keyText } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import { need } from "../outcome.ts";
import { type Proposal, writeProposal } from "../structs/proposal.ts";
import { writePskId } from "../structs/psk.ts";
import type { ListedProposal } from "./proposal-rules.ts";
import { findPending, type GroupState, type PendingProposal } from "./state.ts";

/** What two proposals must not both be about in one commit; `undefined` when any number may stand together. */
function subjectOf({ proposal, sender }: Pick<PendingProposal, "proposal" | "sender">): string | undefined {
  if (proposal.kind === "remove") return `leaf ${proposal.removed}`;
  if ((proposal.kind === "update" || proposal.kind === "selfRemove") && sender.kind === "member") return `leaf ${sender.leafIndex}`;
  if (proposal.kind === "groupContextExtensions") return "extensions";
  if (proposal.kind === "add") return `key ${keyText(proposal.keyPackage.leafNode.signatureKey)}`;
  if (proposal.kind === "psk") return `psk ${keyText(encode(writePskId, proposal.psk))}`;
  // Nothing but its signature protects what a non-member sent, and there can be two good signatures (crypto/p256-encoding.ts).
  if (sender.kind !== "member") return `content ${keyText(encode(writeProposal, proposal))}`;
  return undefined;
}

const rank: Partial<Record<Proposal["kind"], number>> = { selfRemove: 2, remove: 1 };

/** A self-remove before a remove before an update; otherwise the later one (§12.2 lets the committer choose). */
function supersedes(later: PendingProposal, earlier: PendingProposal): boolean {
  return (rank[later.proposal.kind] ?? 0) >= (rank[earlier.proposal.kind] ?? 0);
}

function isUsable(state: GroupState, pending: PendingProposal, taken: ReadonlySet<string>): boolean {
  const { proposal, sender } = pending;
  // Somebody who adds himself is let in only by a commit that names his proposal.
  if (proposal.kind === "reinit" || sender.kind === "newMemberProposal") return false;
  if (proposal.kind === "add") return !taken.has(subjectOf(pending) ?? "");
  return subjectOf(pending) !== `leaf ${state.ownLeafIndex}`;
}

/**
 * Every pending proposal that this member may commit now, one for each subject. ReInit is left to an explicit commit.
 * Nothing is chosen that cannot stand beside `byValue`, the proposals that the same commit will hold by value.
 */
export function committableProposals(state: GroupState, byValue: readonly Proposal[] = []): PendingProposal[] {
  const sender = { kind: "member" as const, leafIndex: state.ownLeafIndex };
  const besides = new Set(byValue.map((proposal) => subjectOf({ proposal, sender })));
  const taken = new Set<string>();
  for (const { leaf } of state.tree.members()) taken.add(`key ${keyText(leaf.signatureKey)}`);
  const chosen = new Map<string, PendingProposal>();
  for (const [index, pending] of state.proposals.entries()) {
    if (!isUsable(state, pending, taken)) continue;
    const subject = subjectOf(pending) ?? `other ${index}`;
    if (besides.has(subject)) continue;
    const earlier = chosen.get(subject);
    if (earlier === undefined || supersedes(pending, earlier)) chosen.set(subject, pending);
  }
  return [...chosen.values()];
}

export type ProposalChoice = { readonly proposals?: readonly Proposal[]; readonly references?: readonly Uint8Array[] };

/** The list of a commit by this member: references first, then proposals by value. Throws Reject. */
export function listProposals(state: GroupState, choice: ProposalChoice): ListedProposal[] {
  const byValue = choice.proposals ?? [];
  const alone = byValue.some(({ kind }) => kind === "reinit");
  const byReference =
    choice.references?.map((reference) => need(findPending(state, reference), "unknown_proposal")) ??
    (alone ? [] : committableProposals(state, byValue));
  const sender = { kind: "member" as const, leafIndex: state.ownLeafIndex };
  return [...byReference, ...byValue.map((proposal) => ({ proposal, sender, reference: undefined }))];
}
