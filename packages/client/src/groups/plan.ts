/**
 * What a commit in the outbox is to do, kept so that it can be made again on a newer state: CBOR [ version 1, kind, … ].
 *
 *   0 due      what leavers proposed, and nothing if somebody else has committed that
 *   1 invite   [ accountId, … ]      2 remove   [ accountId, … ]      4 renew   new keys for this device
 *   3 change   the encoding of a group change, of revision 0, which is that of the state when it is made
 *   5 devices  [ accountId, … ]: devices that came to these accounts are added; those that left the own one are removed
 *   6 replace  [ [ accountId, deviceId ], … ]: devices that could not open their invitations are removed and added anew
 */
import type { DeviceAddress, GroupChangeDraft } from "@sotto/core";
import {
  accountId,
  type AccountId,
  cborLimits,
  type CborValue,
  decodeCbor,
  decodeGroupChange,
  deviceId,
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
  | { readonly kind: "devices"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "replace"; readonly devices: readonly DeviceAddress[] };

const KINDS = ["due", "invite", "remove", "change", "renew", "devices", "replace"] as const;

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
    case "replace":
      return plan.devices.map(({ account, device }) => [account, device]);
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
  if (kind === "replace" && Array.isArray(detail)) return { kind, devices: detail.map(deviceFrom) };
  throw new ClientError("store_damaged");
}

function deviceFrom(form: unknown): DeviceAddress {
  const [account, device]: readonly unknown[] = Array.isArray(form) ? form : [];
  if (!(account instanceof Uint8Array && device instanceof Uint8Array)) throw new ClientError("store_damaged");
  return { account: toId(accountId, account), device: toId(deviceId, device) };
}
