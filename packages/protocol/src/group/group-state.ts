/**
 * The state of a group that only its members see (spec/groups.md §State): a CBOR array of nine.
 *
 *   [ version 1, revision, name, description, picture, roles, policy, timerSeconds, linksAllowed ]
 *     revision      counts changes; a change names the revision it applies to
 *     picture       empty, or the encoding of an attachment's two parts
 *     roles         [ [ accountId, role ], … ] sorted by id; 1 admin, 2 owner; who is not listed is a member
 *     policy        [ invite, remove, rename, post ], each the least role: 0 member, 1 admin, 2 owner
 *     timerSeconds  messages disappear so long after reading; 0 for never
 *
 * It never stands in GroupContext in clear, which a report discloses. Its hash may: SHA-256(labelled("group state v1", encoding)).
 */
import * as v from "valibot";
import { compareBytes } from "../bytes.ts";
import { encodeCbor } from "../codec/cbor.ts";
import { bytesWithin, listOf, textUpTo, uint, uint32, versionOf } from "../codec/fields.ts";
import { decodeForm } from "../codec/form.ts";
import { hashWithLabel } from "../hashing.ts";
import { accountId, type AccountId, accountIdToText } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";

export const ROLES = ["member", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

export type GroupPolicy = { readonly invite: Role; readonly remove: Role; readonly rename: Role; readonly post: Role };

export type GroupState = {
  readonly revision: number;
  readonly name: string;
  readonly description: string;
  /** An encoded attachment part; empty for none. */
  readonly picture: Uint8Array;
  /** Admins and owners by the text form of their account id. */
  readonly rolesById: ReadonlyMap<string, { readonly account: AccountId; readonly role: Role }>;
  readonly policy: GroupPolicy;
  readonly timerSeconds: number;
  readonly linksAllowed: boolean;
};

export type GroupChange =
  | { readonly kind: "name"; readonly revision: number; readonly name: string }
  | { readonly kind: "description"; readonly revision: number; readonly description: string }
  | { readonly kind: "picture"; readonly revision: number; readonly picture: Uint8Array }
  | { readonly kind: "role"; readonly revision: number; readonly account: AccountId; readonly role: Role }
  | { readonly kind: "policy"; readonly revision: number; readonly policy: GroupPolicy }
  | { readonly kind: "timer"; readonly revision: number; readonly timerSeconds: number }
  | { readonly kind: "links"; readonly revision: number; readonly linksAllowed: boolean };

export const roleNumber = v.picklist([0, 1, 2]);
export const policyWire = v.strictTuple([roleNumber, roleNumber, roleNumber, roleNumber]);
export const groupName = textUpTo(LIMITS.groupNameBytesMax);
export const groupDescription = textUpTo(LIMITS.groupDescriptionBytesMax);
export const groupPicture = bytesWithin(0, LIMITS.groupStateBytesMax - 8 * 1024);

const stateWire = v.strictTuple([
  versionOf(1),
  uint,
  groupName,
  groupDescription,
  groupPicture,
  listOf(v.strictTuple([accountId, v.picklist([1, 2])]), LIMITS.groupRolesMax),
  policyWire,
  uint32,
  v.boolean(),
]);

export function roleOf(state: GroupState, account: AccountId): Role {
  return state.rolesById.get(accountIdToText(account))?.role ?? "member";
}

export function policyToWire({ invite, remove, rename, post }: GroupPolicy): number[] {
  return [invite, remove, rename, post].map((role) => ROLES.indexOf(role));
}

export function policyFromWire([invite, remove, rename, post]: v.InferOutput<typeof policyWire>): GroupPolicy {
  return { invite: ROLES[invite], remove: ROLES[remove], rename: ROLES[rename], post: ROLES[post] };
}

/** The state of a new group: its maker owns it; members may invite, admins remove and rename, all post. */
export function newGroupState(owner: AccountId, name: string): GroupState {
  return {
    revision: 0,
    name,
    description: "",
    picture: new Uint8Array(0),
    rolesById: new Map([[accountIdToText(owner), { account: owner, role: "owner" }]]),
    policy: { invite: "member", remove: "admin", rename: "admin", post: "member" },
    timerSeconds: 0,
    linksAllowed: false,
  };
}

export function encodeGroupState(state: GroupState): Uint8Array {
  const { revision, name, description, picture, policy, timerSeconds, linksAllowed } = state;
  const holders = [...state.rolesById.values()].filter(({ role }) => role !== "member");
  const roles = holders.toSorted((a, b) => compareBytes(a.account, b.account)).map(({ account, role }) => [account, ROLES.indexOf(role)]);
  const bytes = encodeCbor([1, revision, name, description, picture, roles, policyToWire(policy), timerSeconds, linksAllowed]);
  expectSuccess(decodeGroupState(bytes));
  return bytes;
}

export function decodeGroupState(bytes: Uint8Array): Outcome<GroupState> {
  const form = decodeForm(stateWire, bytes, LIMITS.groupStateBytesMax);
  if (!form.ok) return form;
  const [, revision, name, description, picture, roles, policy, timerSeconds, linksAllowed] = form.value;
  const isSorted = roles.every(([id], i) => i === 0 || compareBytes(roles[i - 1]?.[0] ?? id, id) < 0);
  if (!isSorted) return failure("form_invalid");
  const rolesById = new Map(roles.map(([account, role]) => [accountIdToText(account), { account, role: ROLES[role] }] as const));
  return success({ revision, name, description, picture, rolesById, policy: policyFromWire(policy), timerSeconds, linksAllowed });
}

export function groupStateHash(bytes: Uint8Array): Uint8Array {
  return hashWithLabel("group state v1", bytes);
}
