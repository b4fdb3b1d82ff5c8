/**
 * Which lists of proposals a commit may carry (RFC 9420 §12.2, §12.1; SelfRemove of draft-ietf-mls-extensions).
 */
import { keyText } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { check, Reject } from "../outcome.ts";
import { PROPOSAL, type Proposal, proposalType } from "../structs/proposal.ts";
import { writePskId } from "../structs/psk.ts";
import type { Commit } from "../structs/commit.ts";
import type { Sender } from "../structs/sender.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/** A proposal in a commit: who proposed it, and its reference unless the commit holds it by value. */
export type ListedProposal = { readonly proposal: Proposal; readonly sender: Sender; readonly reference: Uint8Array | undefined };

/** The committer: a member, or an external joiner whose leaf is not in the tree yet. */
export type Committer = { readonly kind: "member"; readonly leafIndex: number } | { readonly kind: "joiner" };

export type OfKind<K extends Proposal["kind"]> = Extract<Proposal, { readonly kind: K }>;

export function ofKind<K extends Proposal["kind"]>(list: readonly ListedProposal[], kind: K): (ListedProposal & { proposal: OfKind<K> })[] {
  return list.filter((item): item is ListedProposal & { proposal: OfKind<K> } => item.proposal.kind === kind);
}

/** Proposal types that need no update path (§17.4 "Path Required: N"). */
const pathless: readonly number[] = [PROPOSAL.add, PROPOSAL.psk, PROPOSAL.reinit];

/** §12.4: an empty list needs a path, and so does any proposal but add, psk, reinit and the custom types that are said not to. */
export function isPathRequired(list: readonly ListedProposal[], pathlessCustomTypes: readonly number[]): boolean {
  const needsPath = (type: number): boolean => !pathless.includes(type) && !pathlessCustomTypes.includes(type);
  return list.length === 0 || proposalTypesOf(list).some(needsPath);
}

/** The leaf that an update, remove or self-remove is about. */
function targetOf(item: ListedProposal): number | undefined {
  if (item.proposal.kind === "remove") return item.proposal.removed;
  if (item.proposal.kind !== "update" && item.proposal.kind !== "selfRemove") return undefined;
  if (item.sender.kind !== "member") throw new Reject("invalid_proposal");
  return item.sender.leafIndex;
}

function checkTargets(list: readonly ListedProposal[], committer: Committer, tree: RatchetTree): void {
  const seen = new Set<number>();
  for (const item of list) {
    const target = targetOf(item);
    if (target === undefined) continue;
    check(tree.leaf(target) !== undefined, "invalid_proposal");
    check(committer.kind !== "member" || target !== committer.leafIndex, "invalid_proposal_list");
    check(!seen.has(target), "invalid_proposal_list");
    seen.add(target);
  }
}

function checkPsks(list: readonly ListedProposal[]): void {
  const psks = ofKind(list, "psk");
  // As many as a Welcome may name.
  check(psks.length <= LIMITS.pskIdsMax, "limit_exceeded");
  const seen = new Set<string>();
  for (const { proposal } of psks) {
    const text = keyText(encode(writePskId, proposal.psk));
    check(!seen.has(text), "invalid_proposal_list");
    seen.add(text);
  }
}

/** Which sender may propose what (§12.1, §12.1.8). Throws Reject. */
export function checkProposer(proposal: Proposal, sender: Sender): void {
  if (sender.kind === "member") {
    check(proposal.kind !== "externalInit", "invalid_proposal");
  } else if (sender.kind === "external") {
    const allowed = new Set<Proposal["kind"]>(["add", "remove", "psk", "reinit", "groupContextExtensions", "custom"]);
    check(allowed.has(proposal.kind), "invalid_proposal");
  } else if (sender.kind === "newMemberProposal") {
    check(proposal.kind === "add", "invalid_proposal");
  }
}

function checkMemberList(list: readonly ListedProposal[], committer: Committer, tree: RatchetTree): void {
  for (const item of list) checkProposer(item.proposal, item.sender);
  checkTargets(list, committer, tree);
  checkPsks(list);
  check(ofKind(list, "groupContextExtensions").length <= 1, "invalid_proposal_list");
  check(ofKind(list, "reinit").length === 0 || list.length === 1, "invalid_proposal_list");
  for (const item of ofKind(list, "selfRemove")) check(item.reference !== undefined, "invalid_proposal_list");
}

/** §12.2, second list: what an external commit may carry. */
function checkExternalList(list: readonly ListedProposal[], committer: Committer, tree: RatchetTree): void {
  check(ofKind(list, "externalInit").length === 1, "invalid_proposal_list");
  check(ofKind(list, "remove").length <= 1, "invalid_proposal_list");
  const allowed = new Set<Proposal["kind"]>(["externalInit", "remove", "psk", "selfRemove"]);
  for (const item of list) {
    check(allowed.has(item.proposal.kind), "invalid_proposal_list");
    check((item.reference !== undefined) === (item.proposal.kind === "selfRemove"), "invalid_proposal_list");
  }
  checkTargets(list, committer, tree);
  checkPsks(list);
}

/** Checks a whole list against the tree before the commit. Throws Reject. */
export function checkProposalList(list: readonly ListedProposal[], committer: Committer, tree: RatchetTree): void {
  if (committer.kind === "member") checkMemberList(list, committer, tree);
  else checkExternalList(list, committer, tree);
}

/** Types in a list, for the check that members support them. */
export function proposalTypesOf(list: readonly ListedProposal[]): number[] {
  return list.map((item) => proposalType(item.proposal));
}

/** How a listed proposal stands in its commit (§12.4). */
export function proposalOrRef({ proposal, reference }: ListedProposal): Commit["proposals"][number] {
  return reference === undefined ? { kind: "proposal", proposal } : { kind: "reference", reference };
}
