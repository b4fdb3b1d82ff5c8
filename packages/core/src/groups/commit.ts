/**
 * Making a commit (spec/groups.md §Commits). The server decides which commit of an epoch counts, so there are two states: `current` is to be
 * stored before the bytes leave, `next` counts once the log has accepted them (adoptCommit). If another commit came first, `next` is dropped
 * and the commit made again on the new state.
 */
import {
  adoptCommit as adoptMls,
  committableProposals,
  type CommitResult,
  createCommit,
  exportRatchetTree,
  type GroupState as MlsState,
  type Proposal,
} from "@sotto/mls";
import { type AppendRequest, encodeGroupState, type GroupChange, type GroupState, NO_TAG } from "@sotto/protocol";
import type { GroupContext } from "../context.ts";
import { addressKey, type DeviceAddress } from "../identity/credential.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";
import { appendRequestFor } from "./append.ts";
import type { Acting, Conversation } from "./conversation.ts";
import { encodeCommitData } from "./group-change-item.ts";
import { GROUP_STATE_EXTENSION, groupExtensions, sameExtensions } from "./group-extensions.ts";
import { type Invitation, splitWelcome } from "./invitation.ts";
import { type Invitee, readInvitees } from "./key-packages.ts";
import { memberAt, memberDevices } from "./members.ts";
import { callMls } from "./mls-context.ts";
import { judgeCommit } from "./rules.ts";

type WithoutRevision<T> = T extends unknown ? Omit<T, "revision"> : never;
/** A change without the revision that it applies to. */
export type GroupChangeDraft = WithoutRevision<GroupChange>;

/** What a commit is to do. Empty: it renews this device's keys, and commits what leavers proposed. */
export type CommitPlan = {
  readonly adds?: readonly Invitee[];
  readonly removes?: readonly DeviceAddress[];
  readonly changes?: readonly GroupChangeDraft[];
};

export type StagedCommit = {
  /** Store it before the request leaves. */
  readonly current: Conversation;
  /** The conversation once the commit is in the log. */
  readonly next: Conversation;
  readonly request: AppendRequest;
  /** For the devices that were added: to be delivered once the commit is in the log. */
  readonly invitations: readonly Invitation[];
  /** The ratchet tree that they need, for all of them the same. Empty without invitations. */
  readonly ratchetTree: Uint8Array;
};

type Prepared = { readonly made: CommitResult; readonly group: GroupState; readonly adds: readonly DeviceAddress[] };

function draftToChange(draft: GroupChangeDraft, revision: number): GroupChange {
  return { ...draft, revision };
}

function leavingReferences(mls: MlsState, byValue: readonly Proposal[]): { references: Uint8Array[]; leavers: DeviceAddress[] } {
  const pending = committableProposals(mls, byValue).filter(({ proposal }) => proposal.kind === "selfRemove");
  const leavers = pending.flatMap(({ sender }) => (sender.kind === "member" ? [memberAt(mls, sender.leafIndex)] : []));
  return { references: pending.map(({ reference }) => reference), leavers: leavers.filter((address) => address !== undefined) };
}

function removals({ mls }: Conversation, removes: readonly DeviceAddress[]): Proposal[] | undefined {
  const leaves = new Map(memberDevices({ mls }).map((device) => [addressKey(device), device.leafIndex]));
  const proposals: Proposal[] = [];
  for (const device of removes) {
    const removed = leaves.get(addressKey(device));
    if (removed === undefined) return undefined;
    proposals.push({ kind: "remove", removed });
  }
  return proposals;
}

/** The commit and the state after it, for a conversation whether it is in a log yet or not. */
export function prepareCommit({ conversation, self }: Acting, plan: CommitPlan, context: GroupContext): CoreOutcome<Prepared> {
  const { mls, kind } = conversation;
  const packages = readInvitees(plan.adds ?? []);
  if (!packages.ok) return packages;
  const removed = removals(conversation, plan.removes ?? []);
  if (removed === undefined) return failed("device_unknown");
  const changes = (plan.changes ?? []).map((draft, i) => draftToChange(draft, conversation.group.revision + i));
  const adds = (plan.adds ?? []).map(({ account, device }) => ({ account, device }));
  const byValue: Proposal[] = [...removed, ...packages.value.map((keyPackage) => ({ kind: "add" as const, keyPackage }))];
  const { references, leavers } = leavingReferences(mls, byValue);
  const actor = { account: self.account, device: self.id };
  const deed = { actor, isExternal: false, adds, removes: plan.removes ?? [], leavers, changes };
  const group = judgeCommit({ kind, group: conversation.group, members: memberDevices(conversation) }, deed);
  if (!group.ok) return group;
  const authenticatedData = encodeCommitData(mls, changes, context);
  if (!authenticatedData.ok) return authenticatedData;
  const extensions = groupExtensions(kind, group.value);
  if (!sameExtensions(extensions, mls.context.extensions)) byValue.push({ kind: "groupContextExtensions", extensions });
  const groupInfo = { ratchetTree: false, extensions: [{ type: GROUP_STATE_EXTENSION, data: encodeGroupState(group.value) }] };
  const options = { proposals: byValue, references, authenticatedData: authenticatedData.value, groupInfo };
  const made = callMls(context, "own", (on) => createCommit(mls, options, on));
  return made.ok ? done({ made: made.value, group: group.value, adds }) : made;
}

/** The invitations of a prepared commit, with the tree that goes with them. */
export function invitationsOf({ made, adds }: Prepared): CoreOutcome<Pick<StagedCommit, "invitations" | "ratchetTree">> {
  if (made.welcome === undefined) return done({ invitations: [], ratchetTree: new Uint8Array(0) });
  const invitations = splitWelcome(made.welcome, adds);
  return invitations.ok ? done({ invitations: invitations.value, ratchetTree: exportRatchetTree(made.next) }) : invitations;
}

/** A commit for the conversation's log. Fails with `group_forbidden` where the others would refuse it. */
export function stageCommit(acting: Acting, plan: CommitPlan, context: GroupContext): CoreOutcome<StagedCommit> {
  const prepared = prepareCommit(acting, plan, context);
  if (!prepared.ok) return prepared;
  const { made, group } = prepared.value;
  const { conversation } = acting;
  const current = { ...conversation, mls: made.current };
  const next = { ...conversation, mls: made.next, group };
  const entry = { kind: "handshake" as const, body: made.message, tag: NO_TAG };
  const request = appendRequestFor(conversation, { ...entry, next }, context);
  if (!request.ok) return request;
  const invitations = invitationsOf(prepared.value);
  return invitations.ok ? done({ current, next, request: request.value, ...invitations.value }) : invitations;
}

/** The conversation after an own commit that the log accepted. `current` may have opened or sent messages since the commit was made. */
export function adoptCommit(current: Conversation, next: Conversation): CoreOutcome<Conversation> {
  const mls = adoptMls(current.mls, next.mls);
  return mls.ok ? done({ ...next, mls: mls.value }) : fromMls(mls);
}

/** Whether a commit is due before anything else can be sent: somebody leaves. */
export function isCommitDue({ mls }: Conversation): boolean {
  return mls.proposals.some(({ sender }) => sender.kind !== "member" || sender.leafIndex !== mls.ownLeafIndex);
}
