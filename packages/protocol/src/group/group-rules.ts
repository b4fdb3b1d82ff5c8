/**
 * Who may do what in a group (spec/groups.md §Rules), as pure functions of its state. Every member applies the same rules to the same log, so
 * what one refuses all refuse. MLS says who is in the group; these rules say which commits and changes to accept.
 *
 *   invite, remove, rename, post   the role that the policy asks for; rename covers description and picture
 *   timer                          as rename
 *   role                           owners give and take any role; admins make and unmake admins below owner
 *   policy, links                  owners
 *   remove                         never somebody with the same or a higher role, except by an owner; leaving is always allowed
 *
 * A group always has an owner: the last one cannot step down, and when the last one leaves, successorOf says who follows.
 */
import { compareBytes, equalBytes } from "../bytes.ts";
import { type AccountId, accountIdToText } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";
import { type GroupChange, type GroupState, type Role, roleOf, ROLES } from "./group-state.ts";

export type GroupAction =
  | { readonly kind: "invite" }
  | { readonly kind: "post" }
  | { readonly kind: "remove"; readonly account: AccountId }
  | { readonly kind: "change"; readonly change: GroupChange };

const rank = (role: Role): number => ROLES.indexOf(role);

export function isAllowed(state: GroupState, actor: AccountId, action: GroupAction): boolean {
  const own = rank(roleOf(state, actor));
  switch (action.kind) {
    case "invite":
      return own >= rank(state.policy.invite);
    case "post":
      return own >= rank(state.policy.post);
    case "remove": {
      if (equalBytes(actor, action.account)) return true;
      const isAbove = own > rank(roleOf(state, action.account)) || own === rank("owner");
      return isAbove && own >= rank(state.policy.remove);
    }
    case "change":
      return isChangeAllowed(state, own, action.change);
  }
}

function isChangeAllowed(state: GroupState, own: number, change: GroupChange): boolean {
  switch (change.kind) {
    case "name":
    case "description":
    case "picture":
    case "timer":
      return own >= rank(state.policy.rename);
    case "role": {
      if (own === rank("owner")) return true;
      const isBelowOwner = roleOf(state, change.account) !== "owner" && change.role !== "owner";
      return own === rank("admin") && isBelowOwner;
    }
    case "policy":
    case "links":
      return own === rank("owner");
  }
}

/** The state after a change by `actor`, or why it does not count. */
export function applyGroupChange(state: GroupState, actor: AccountId, change: GroupChange): Outcome<GroupState> {
  if (change.revision !== state.revision) return failure("group_change_invalid");
  if (!isAllowed(state, actor, { kind: "change", change })) return failure("group_forbidden");
  const base = { ...state, revision: state.revision + 1 };
  switch (change.kind) {
    case "name":
      return success({ ...base, name: change.name });
    case "description":
      return success({ ...base, description: change.description });
    case "picture":
      return success({ ...base, picture: change.picture });
    case "policy":
      return success({ ...base, policy: change.policy });
    case "timer":
      return success({ ...base, timerSeconds: change.timerSeconds });
    case "links":
      return success({ ...base, linksAllowed: change.linksAllowed });
    case "role": {
      const rolesById = withRole(state, change.account, change.role);
      if (![...rolesById.values()].some(({ role }) => role === "owner")) return failure("group_needs_owner");
      return rolesById.size > LIMITS.groupRolesMax ? failure("group_change_invalid") : success({ ...base, rolesById });
    }
  }
}

function withRole(state: GroupState, account: AccountId, role: Role): GroupState["rolesById"] {
  const rolesById = new Map(state.rolesById);
  if (role === "member") rolesById.delete(accountIdToText(account));
  else rolesById.set(accountIdToText(account), { account, role });
  return rolesById;
}

/**
 * The state once only `members` are left: roles of those who went are dropped. Without an owner the admin with the lowest account id becomes
 * one, else the member with the lowest. The revision stays, since every member computes this from the same commit.
 */
export function withoutFormerMembers(state: GroupState, members: readonly AccountId[]): GroupState {
  const present = new Set(members.map(accountIdToText));
  const rolesById = new Map([...state.rolesById].filter(([id]) => present.has(id)));
  const heir = [...rolesById.values()].some(({ role }) => role === "owner") ? undefined : successorOf({ ...state, rolesById }, members);
  if (heir !== undefined) rolesById.set(accountIdToText(heir), { account: heir, role: "owner" });
  return { ...state, rolesById };
}

/** Who owns a group that has no owner left; undefined if it has no members. */
export function successorOf(state: GroupState, members: readonly AccountId[]): AccountId | undefined {
  const lowestFirst = members.toSorted(compareBytes);
  return lowestFirst.find((account) => roleOf(state, account) === "admin") ?? lowestFirst[0];
}
