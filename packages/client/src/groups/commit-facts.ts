/**
 * What people see of a commit, as the content of a row of kind `system`: CBOR [ version 1, added, removed, left, changes ].
 *
 *   added, removed, left   [ accountId, … ]
 *   changes                [ [ kind, … ], … ], what differs between the state before and after:
 *     name   text          description   picture   policy          timer   seconds
 *     role   accountId, 0 member, 1 admin, 2 owner                 links   allowed
 */
import { type Guard, isOne, isUint, listOf, tupleOf, uintUpTo } from "@sotto/core";
import {
  accountId,
  type AccountId,
  accountIdToText,
  encodeCbor,
  equalBytes,
  type GroupState,
  LIMITS,
  type Role,
  roleOf,
  ROLES,
} from "@sotto/protocol";
import { fits, readStoredVersion, type StoredOutcome, textUpTo } from "../store/stored-form.ts";

const FACTS_BYTES_MAX = LIMITS.groupDevicesMax * 128;
const KINDS = ["name", "description", "picture", "policy", "timer", "role", "links"] as const;

export type ShownChange =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "description" | "picture" | "policy" }
  | { readonly kind: "timer"; readonly seconds: number }
  | { readonly kind: "role"; readonly account: AccountId; readonly role: Role }
  | { readonly kind: "links"; readonly isAllowed: boolean };

export type CommitFacts = {
  readonly added: readonly AccountId[];
  readonly removed: readonly AccountId[];
  readonly left: readonly AccountId[];
  readonly changes: readonly ShownChange[];
};

/** `members` are those after the commit: a role that went with its holder is no news. */
export function shownChanges(before: GroupState, after: GroupState, members: readonly AccountId[]): ShownChange[] {
  const changes: ShownChange[] = [];
  if (before.name !== after.name) changes.push({ kind: "name", name: after.name });
  if (before.description !== after.description) changes.push({ kind: "description" });
  if (!equalBytes(before.picture, after.picture)) changes.push({ kind: "picture" });
  const policies = [before.policy, after.policy].map(({ invite, remove, rename, post }) => [invite, remove, rename, post].join());
  if (policies[0] !== policies[1]) changes.push({ kind: "policy" });
  if (before.timerSeconds !== after.timerSeconds) changes.push({ kind: "timer", seconds: after.timerSeconds });
  for (const account of members) {
    const role = roleOf(after, account);
    if (roleOf(before, account) !== role) changes.push({ kind: "role", account, role });
  }
  if (before.linksAllowed !== after.linksAllowed) changes.push({ kind: "links", isAllowed: after.linksAllowed });
  return changes;
}

/** People who are in one list and not in the other one; devices that come and go beside others of their account are not news. */
export function newcomers(accounts: readonly AccountId[], others: readonly AccountId[]): AccountId[] {
  const known = new Set(others.map(accountIdToText));
  const found = new Map(accounts.map((account) => [accountIdToText(account), account]));
  return [...found].flatMap(([text, account]) => (known.has(text) ? [] : [account]));
}

/** Whether anybody would want to read of it: renewed keys and devices are not shown. */
export function areFactsShown({ added, removed, left, changes }: CommitFacts): boolean {
  return added.length + removed.length + left.length + changes.length > 0;
}

function changeToWire(change: ShownChange): readonly (string | number | boolean | Uint8Array)[] {
  switch (change.kind) {
    case "name":
      return [change.kind, change.name];
    case "timer":
      return [change.kind, change.seconds];
    case "role":
      return [change.kind, change.account, ROLES.indexOf(change.role)];
    case "links":
      return [change.kind, change.isAllowed];
    case "description":
    case "picture":
    case "policy":
      return [change.kind];
  }
}

export function encodeFacts({ added, removed, left, changes }: CommitFacts): Uint8Array {
  return encodeCbor([1, added, removed, left, changes.map(changeToWire)]);
}

const isAccount = fits(accountId);
const people = listOf(isAccount, LIMITS.groupDevicesMax);
const isBool: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
const isName: Guard<string> = (value): value is string => typeof value === "string";
const renamed = tupleOf<[string, string]>(isName, textUpTo(LIMITS.groupNameBytesMax));
const timed = tupleOf<[string, number]>(isName, isUint);
const ranked = tupleOf<[string, AccountId, number]>(isName, isAccount, uintUpTo(ROLES.length - 1));
const linked = tupleOf<[string, boolean]>(isName, isBool);
const plain = tupleOf<[string]>(isName);

function changeFromWire(wire: unknown): ShownChange | undefined {
  const name: unknown = Array.isArray(wire) ? wire[0] : undefined;
  const kind = KINDS.find((known) => known === name);
  switch (kind) {
    case "name":
      return renamed(wire) ? { kind, name: wire[1] } : undefined;
    case "timer":
      return timed(wire) ? { kind, seconds: wire[1] } : undefined;
    case "role": {
      const role = ranked(wire) ? ROLES[wire[2]] : undefined;
      return ranked(wire) && role !== undefined ? { kind, account: wire[1], role } : undefined;
    }
    case "links":
      return linked(wire) ? { kind, isAllowed: wire[1] } : undefined;
    case "description":
    case "picture":
    case "policy":
      return plain(wire) ? { kind } : undefined;
    case undefined:
      return undefined;
  }
}

const isChange: Guard<unknown> = (wire): wire is unknown => changeFromWire(wire) !== undefined;
const form = tupleOf<[1, readonly AccountId[], readonly AccountId[], readonly AccountId[], readonly unknown[]]>(
  isOne,
  people,
  people,
  people,
  listOf(isChange, LIMITS.groupDevicesMax),
);

export function decodeFacts(bytes: Uint8Array): StoredOutcome<CommitFacts> {
  const read = readStoredVersion(bytes, FACTS_BYTES_MAX, form);
  if (!read.ok) return read;
  const [, added, removed, left, wires] = read.value;
  const changes = wires.map(changeFromWire).filter((change) => change !== undefined);
  return { ok: true, value: { added, removed, left, changes } };
}

/** All whom the facts name, each once, by text form. */
export function peopleIn(facts: CommitFacts): ReadonlyMap<string, AccountId> {
  const named = facts.changes.flatMap((change) => (change.kind === "role" ? [change.account] : []));
  return new Map([...facts.added, ...facts.removed, ...facts.left, ...named].map((account) => [accountIdToText(account), account]));
}
