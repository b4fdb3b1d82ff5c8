/**
 * Groups that resume another one: the successor after a ReInit (RFC 9420 §11.2), by which a group also moves to another
 * ciphersuite, and a branch for part of the members (§11.3).
 */
import { attempt, check, need, type Outcome } from "../outcome.ts";
import { PROTOCOL_VERSION } from "../structs/capabilities.ts";
import type { Extension } from "../structs/extension.ts";
import type { KeyPackage } from "../structs/key-package.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { ResumptionUsage } from "../structs/psk.ts";
import { type CommitOptions, type CommitResult, makeCommit } from "./commit.ts";
import { type MlsContext, policyOf, suiteOf } from "./context.ts";
import { makeGroup } from "./create-group.ts";
import type { Identity, KeyPackageOptions } from "./key-package.ts";
import { makeResumptionId } from "./queries.ts";
import { checkBroughtAlong } from "./resumed.ts";
import type { GroupState } from "./state.ts";

export type SuccessorOptions = {
  /** This client in the new group; its signature key must fit the new suite. */
  readonly identity: Identity;
  /** Key packages of the members to bring along, in the new suite. */
  readonly keyPackages: readonly KeyPackage[];
  readonly leaf?: Omit<KeyPackageOptions, "suiteId" | "identity">;
  readonly commit?: Omit<CommitOptions, "proposals">;
};

export type BranchOptions = SuccessorOptions & { readonly groupId: Uint8Array; readonly groupExtensions?: readonly Extension[] };

type Shape = {
  readonly groupId: Uint8Array;
  readonly suiteId: number;
  readonly groupExtensions: readonly Extension[];
  readonly usage: ResumptionUsage;
};

function resume(parent: GroupState, options: SuccessorOptions, on: { shape: Shape; context: MlsContext }): CommitResult {
  const { shape, context } = on;
  const { groupId, suiteId, groupExtensions, usage } = shape;
  const group = makeGroup({ ...options.leaf, groupId, suiteId, identity: options.identity, groupExtensions }, context);
  const psk = makeResumptionId(parent, usage, { suite: suiteOf(context, suiteId), random: context.random });
  const proposals: Proposal[] = [...options.keyPackages.map((keyPackage) => ({ kind: "add" as const, keyPackage })), { kind: "psk", psk }];
  const made = makeCommit(group, { ...options.commit, proposals }, { context, resumption: { group: parent, usage } });
  checkBroughtAlong(parent, { usage, tree: made.next.tree }, policyOf(context).sameClient);
  return made;
}

/** The group that a committed ReInit announces, with its first commit and Welcome. `usage` when `closed` is not closed, or a member has no key package here. */
export function createSuccessor(closed: GroupState, options: SuccessorOptions, context: MlsContext): Outcome<CommitResult> {
  return attempt(() => {
    check(closed.status === "closed", "usage");
    const { groupId, version, suiteId, extensions } = need(closed.reinit, "usage");
    check(version === PROTOCOL_VERSION, "unsupported_version");
    return resume(closed, options, { shape: { groupId, suiteId, groupExtensions: extensions, usage: "reinit" }, context });
  });
}

/** A new group of some members, with the suite of its parent. `usage` when somebody is not a member of it. */
export function createBranch(parent: GroupState, options: BranchOptions, context: MlsContext): Outcome<CommitResult> {
  return attempt(() => {
    check(parent.status === "active", "group_inactive");
    const { groupId, groupExtensions = [] } = options;
    return resume(parent, options, { shape: { groupId, suiteId: parent.context.suiteId, groupExtensions, usage: "branch" }, context });
  });
}
