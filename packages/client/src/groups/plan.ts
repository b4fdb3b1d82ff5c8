/**
 * What a commit in the outbox is to do, kept so that it can be made again on a newer state: CBOR [ version 1, kind, … ].
 *
 *   0 due      what leavers proposed, and nothing if somebody else has committed that
 *   1 invite   [ accountId, … ]      2 remove   [ accountId, … ]      4 renew   new keys for this device
 *   3 change   the encoding of a group change, of revision 0, which is that of the state when it is made
 *   5 devices  [ accountId, … ]: devices that came to these accounts are added; those that left the own one are removed
 *   6 replace  [ [ accountId, deviceId ], … ]: devices that could not open their invitations are removed and added anew
 */
import { type DeviceAddress, type GroupChangeDraft, type Guard, isOne, listOf, tupleOf, uintUpTo } from "@sotto/core";
import {
  accountId,
  type AccountId,
  type CborValue,
  decodeGroupChange,
  deviceId,
  type DeviceId,
  encodeCbor,
  encodeGroupChange,
  LIMITS,
} from "@sotto/protocol";
import { DAMAGED, fits, readStoredVersion, type StoredOutcome } from "../store/stored-form.ts";

export type Plan =
  | { readonly kind: "due" }
  | { readonly kind: "invite"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "remove"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "change"; readonly change: GroupChangeDraft }
  | { readonly kind: "renew" }
  | { readonly kind: "devices"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "replace"; readonly devices: readonly DeviceAddress[] };

const KINDS = ["due", "invite", "remove", "change", "renew", "devices", "replace"] as const;

/** As many as fit into the bytes of a plan. */
const areAccounts = listOf(fits(accountId), LIMITS.itemsMax);
const areDevices = listOf(tupleOf<[AccountId, DeviceId]>(fits(accountId), fits(deviceId)), LIMITS.itemsMax);

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

const isAny: Guard<unknown> = (value): value is unknown => value !== undefined;
const form = tupleOf<[1, number, unknown]>(isOne, uintUpTo(KINDS.length - 1), isAny);

export function decodePlan(bytes: Uint8Array): StoredOutcome<Plan> {
  const read = readStoredVersion(bytes, LIMITS.contentBytesMax, form);
  if (!read.ok) return read;
  const [, kindNumber, detail] = read.value;
  const plan = planOf(KINDS[kindNumber], detail);
  return plan === undefined ? DAMAGED : { ok: true, value: plan };
}

function planOf(kind: Plan["kind"] | undefined, detail: unknown): Plan | undefined {
  switch (kind) {
    case "due":
    case "renew":
      return detail === null ? { kind } : undefined;
    case "change": {
      const change = detail instanceof Uint8Array ? decodeGroupChange(detail) : undefined;
      return change?.ok === true && change.value.revision === 0 ? { kind, change: change.value } : undefined;
    }
    case "invite":
    case "remove":
    case "devices":
      return areAccounts(detail) ? { kind, accounts: detail } : undefined;
    case "replace":
      return areDevices(detail) ? { kind, devices: detail.map(([account, device]) => ({ account, device })) } : undefined;
    case undefined:
      return undefined;
  }
}
