/**
 * What people see of a commit, as the content of a row of kind `system`: CBOR [ version 1, added, removed, left, changes ].
 *
 *   added, removed, left   [ accountId, … ]
 *   changes                [ [ kind, … ], … ], what differs between the state before and after:
 *     name   text          description   picture   policy          timer   seconds
 *     role   accountId, 0 member, 1 admin, 2 owner                 links   allowed
 */
import {
  accountId,
  type AccountId,
  accountIdToText,
  cborLimits,
  decodeCbor,
  encodeCbor,
  equalBytes,
  type GroupState,
  LIMITS,
  type Role,
  roleOf,
  ROLES,
  toId,
} from "@sotto/protocol";

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

function changeFromWire(wire: unknown): ShownChange | undefined {
  if (!Array.isArray(wire)) return undefined;
  const [name, first, second]: readonly unknown[] = wire;
  const kind = KINDS.find((known) => known === name);
  if (kind === "name") return typeof first === "string" ? { kind, name: first } : undefined;
  if (kind === "timer") return typeof first === "number" ? { kind, seconds: first } : undefined;
  if (kind === "links") return { kind, isAllowed: first === true };
  if (kind !== "role") return kind && { kind };
  const role = typeof second === "number" ? ROLES[second] : undefined;
  return first instanceof Uint8Array && role !== undefined ? { kind, account: toId(accountId, first), role } : undefined;
}

const accountsFrom = (list: unknown): AccountId[] =>
  Array.isArray(list) ? list.flatMap((item: unknown) => (item instanceof Uint8Array ? [toId(accountId, item)] : [])) : [];

/** Undefined if the row is of an older version. */
export function decodeFacts(bytes: Uint8Array): CommitFacts | undefined {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.groupDevicesMax * 128));
  const form: unknown = decoded.ok ? decoded.value : undefined;
  if (!Array.isArray(form) || form[0] !== 1) return undefined;
  const [, added, removed, left, changes]: readonly unknown[] = form;
  const list: readonly unknown[] = Array.isArray(changes) ? changes : [];
  const known = list.map(changeFromWire).filter((change) => change !== undefined);
  return { added: accountsFrom(added), removed: accountsFrom(removed), left: accountsFrom(left), changes: known };
}

/** All whom the facts name, each once, by text form. */
export function peopleIn(facts: CommitFacts): ReadonlyMap<string, AccountId> {
  const named = facts.changes.flatMap((change) => (change.kind === "role" ? [change.account] : []));
  return new Map([...facts.added, ...facts.removed, ...facts.left, ...named].map((account) => [accountIdToText(account), account]));
}
