/**
 * What a commit in the outbox is to do, kept so that it can be made again on a newer state: CBOR [ version 1, kind, … ].
 *
 *   0 due      what leavers proposed, and nothing if somebody else has committed that
 *   1 invite   [ accountId, … ]      2 remove   [ accountId, … ]      3 rename   name      4 renew   new keys for this device
 *   5 devices  [ accountId, … ]: devices that came to these accounts are added; those that left the own one are removed
 */
import { accountId, type AccountId, cborLimits, decodeCbor, encodeCbor, LIMITS, toId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";

export type Plan =
  | { readonly kind: "due" }
  | { readonly kind: "invite"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "remove"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "renew" }
  | { readonly kind: "devices"; readonly accounts: readonly AccountId[] };

const KINDS = ["due", "invite", "remove", "rename", "renew", "devices"] as const;

export function encodePlan(plan: Plan): Uint8Array {
  const detail = plan.kind === "due" || plan.kind === "renew" ? null : plan.kind === "rename" ? plan.name : plan.accounts;
  return encodeCbor([1, KINDS.indexOf(plan.kind), detail]);
}

export function decodePlan(bytes: Uint8Array): Plan {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.contentBytesMax));
  const form: unknown = decoded.ok ? decoded.value : undefined;
  if (!Array.isArray(form) || form[0] !== 1) throw new ClientError("store_damaged");
  const [, kindNumber, detail]: readonly unknown[] = form;
  const kind = typeof kindNumber === "number" ? KINDS[kindNumber] : undefined;
  if (kind === "due" || kind === "renew") return { kind };
  if (kind === "rename" && typeof detail === "string") return { kind, name: detail };
  if ((kind === "invite" || kind === "remove" || kind === "devices") && Array.isArray(detail)) {
    return { kind, accounts: detail.filter((item) => item instanceof Uint8Array).map((item) => toId(accountId, item)) };
  }
  throw new ClientError("store_damaged");
}
