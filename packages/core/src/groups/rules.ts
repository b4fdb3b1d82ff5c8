/**
 * Whether a commit may do what it does (spec/groups.md §Rules), as a pure function of the state that it ends. Committer and receivers call
 * it with the same input, so what one refuses all refuse; a refused commit changes nothing.
 *
 *   anybody     renews own keys, adds and removes devices of the own account, commits what leavers proposed
 *   self        only devices of the one account
 *   direct      at most two accounts; either may add devices of both
 *   group       devices of members: who may invite; new people: who may invite; removing a person (all devices): who may remove
 *   all         a device may be replaced (removed and added in one commit) by whoever may add it
 *   external    only a device of an account that is a member, which may replace itself
 */
import {
  type AccountId,
  accountIdToText,
  applyGroupChange,
  equalBytes,
  type GroupChange,
  type GroupState,
  isAllowed,
  LIMITS,
  withoutFormerMembers,
} from "@sotto/protocol";
import { addressKey, type DeviceAddress } from "../identity/credential.ts";
import { type CoreFailure, type CoreOutcome, done, failed } from "../outcome.ts";
import type { ConversationKind } from "./conversation.ts";
import { accountsOf } from "./members.ts";

export type Deed = {
  readonly actor: DeviceAddress;
  readonly isExternal: boolean;
  readonly adds: readonly DeviceAddress[];
  /** By the committer; those who leave are apart. */
  readonly removes: readonly DeviceAddress[];
  readonly leavers: readonly DeviceAddress[];
  readonly changes: readonly GroupChange[];
};

export type Before = { readonly kind: ConversationKind; readonly group: GroupState; readonly members: readonly DeviceAddress[] };

type Judging = {
  readonly before: Before;
  readonly deed: Deed;
  readonly accountsBefore: ReadonlySet<string>;
  readonly after: readonly DeviceAddress[];
};

const keysOf = (devices: readonly DeviceAddress[]): Set<string> => new Set(devices.map(addressKey));
const accountKeysOf = (devices: readonly DeviceAddress[]): Set<string> => new Set(devices.map(({ account }) => accountIdToText(account)));

function membersAfter({ members }: Before, deed: Deed): DeviceAddress[] {
  const gone = keysOf([...deed.removes, ...deed.leavers]);
  return [...members.filter((device) => !gone.has(addressKey(device))), ...deed.adds, ...(deed.isExternal ? [deed.actor] : [])];
}

/** The group state after the commit, or why it does not count. */
export function judgeCommit(before: Before, deed: Deed): CoreOutcome<GroupState> {
  const judging: Judging = { before, deed, accountsBefore: accountKeysOf(before.members), after: membersAfter(before, deed) };
  const problem = sizeProblem(judging) ?? (deed.isExternal ? externalProblem(judging) : memberProblem(judging));
  if (problem !== undefined) return problem;
  let group = before.group;
  for (const change of deed.changes) {
    if (before.kind === "direct" && change.kind !== "timer") return failed("group_forbidden");
    const changed = applyGroupChange(group, deed.actor.account, change);
    if (!changed.ok) return changed;
    group = changed.value;
  }
  return done(before.kind === "group" ? withoutFormerMembers(group, accountsOf(judging.after)) : group);
}

function externalProblem({ deed, accountsBefore, before, after }: Judging): CoreFailure | undefined {
  const isMember = accountsBefore.has(accountIdToText(deed.actor.account));
  const others = deed.removes.filter((device) => addressKey(device) !== addressKey(deed.actor));
  const replaced = new Set(after.map(addressKey)).size === after.length;
  const isPlain = deed.adds.length + deed.leavers.length + deed.changes.length + others.length === 0;
  return isMember && isPlain && replaced && before.members.length > 0 ? undefined : failed("group_forbidden");
}

const PEOPLE_MAX: Readonly<Record<ConversationKind, number>> = { self: 1, direct: 2, group: Number.POSITIVE_INFINITY };

/** Numbers of people and devices that a conversation of this kind can have. */
function hasFittingSize(kind: ConversationKind, members: readonly DeviceAddress[]): boolean {
  const counts = new Map<string, number>();
  for (const { account } of members) counts.set(accountIdToText(account), (counts.get(accountIdToText(account)) ?? 0) + 1);
  const areAccountsSmall = [...counts.values()].every((count) => count <= LIMITS.devicesPerAccountMax);
  return members.length <= LIMITS.groupDevicesMax && areAccountsSmall && counts.size <= PEOPLE_MAX[kind];
}

/** Whether a conversation that somebody is invited to can be of the kind that it says. */
export function fitsKind(kind: ConversationKind, members: readonly DeviceAddress[], own: AccountId): boolean {
  return hasFittingSize(kind, members) && members.some(({ account }) => equalBytes(account, own));
}

function sizeProblem({ before, after }: Judging): CoreFailure | undefined {
  return hasFittingSize(before.kind, after) ? undefined : failed("group_forbidden");
}

function memberProblem(judging: Judging): CoreFailure | undefined {
  const { deed } = judging;
  const mayAll = deed.adds.every((device) => mayAdd(judging, device)) && deed.removes.every((device) => mayRemove(judging, device));
  return mayAll ? undefined : failed("group_forbidden");
}

const isOwn = ({ actor }: Deed, account: AccountId): boolean => equalBytes(actor.account, account);

function mayAdd({ before, deed, accountsBefore }: Judging, { account }: DeviceAddress): boolean {
  if (isOwn(deed, account)) return true;
  switch (before.kind) {
    case "self":
      return false;
    case "direct":
      return accountsBefore.has(accountIdToText(account)) || accountsBefore.size === 1;
    case "group":
      return isAllowed(before.group, deed.actor.account, { kind: "invite" });
  }
}

function mayRemove(judging: Judging, device: DeviceAddress): boolean {
  const { before, deed, after } = judging;
  if (isOwn(deed, device.account)) return true;
  if (keysOf(deed.adds).has(addressKey(device))) return mayAdd(judging, device);
  if (before.kind !== "group") return false;
  const isWhole = !after.some(({ account }) => equalBytes(account, device.account));
  return isWhole && isAllowed(before.group, deed.actor.account, { kind: "remove", account: device.account });
}
