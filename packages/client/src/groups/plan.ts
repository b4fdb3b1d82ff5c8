/**
 * What a commit in the outbox is to do, kept so that it can be made again on a newer state: CBOR [ version 1, kind, … ].
 *
 *   0 due      what leavers proposed, and nothing if somebody else has committed that
 *   1 invite   [ accountId, … ]      2 remove   [ accountId, … ]      4 renew   new keys for this device
 *   3 change   the encoding of a group change, of revision 0, which is that of the state when it is made
 *   5 devices  [ accountId, … ]: devices that came to these accounts are added; those that left the own one are removed
 */
import type { GroupChangeDraft } from "@sotto/core";
import {
  accountId,
  type AccountId,
  cborLimits,
  type CborValue,
  decodeCbor,
  decodeGroupChange,
  encodeCbor,
  encodeGroupChange,
  LIMITS,
  toId,
} from "@sotto/protocol";
import { ClientError } from "../client-error.ts";

export type Plan =
  | { readonly kind: "due" }
  | { readonly kind: "invite"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "remove"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "change"; readonly change: GroupChangeDraft }
  | { readonly kind: "renew" }
  | { readonly kind: "devices"; readonly accounts: readonly AccountId[] };

const KINDS = ["due", "invite", "remove", "change", "renew", "devices"] as const;

function detailOf(plan: Plan): CborValue {
  switch (plan.kind) {
    case "due":
    case "renew":
      return null;
    case "change":
      return encodeGroupChange({ ...plan.change, revision: 0 });
    case "invite":
    case "remove":
    case "devices":
      return plan.accounts;
  }
}

export function encodePlan(plan: Plan): Uint8Array {
  return encodeCbor([1, KINDS.indexOf(plan.kind), detailOf(plan)]);
}

export function decodePlan(bytes: Uint8Array): Plan {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.contentBytesMax));
  const form: unknown = decoded.ok ? decoded.value : undefined;
  if (!Array.isArray(form) || form[0] !== 1) throw new ClientError("store_damaged");
  const [, kindNumber, detail]: readonly unknown[] = form;
  const kind = typeof kindNumber === "number" ? KINDS[kindNumber] : undefined;
  if (kind === "due" || kind === "renew") return { kind };
  const change = kind === "change" && detail instanceof Uint8Array ? decodeGroupChange(detail) : undefined;
  if (change?.ok === true) return { kind: "change", change: change.value };
  if ((kind === "invite" || kind === "remove" || kind === "devices") && Array.isArray(detail)) {
    return { kind, accounts: detail.filter((item) => item instanceof Uint8Array).map((item) => toId(accountId, item)) };
  }
  throw new ClientError("store_damaged");
}
