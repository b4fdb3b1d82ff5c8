/**
 * Inboxes (spec/inbox.md). The owner reads its device's inbox on the account connection; others deliver on the anonymous one, with
 *
 *   contact    the contact token, which the owner gives to those it talks to; the server keeps its hash
 *   stranger   a payment, and the gate code if the owner asks for one
 *
 * The same authorisation opens the owner's key packages, so that a stranger cannot use them up for free.
 */
import * as v from "valibot";
import { bytesWithin, listOf, noFields, textUpTo, uint } from "../codec/fields.ts";
import type { FormOf } from "../codec/form.ts";
import { accountId, deviceId, entryId } from "../ids.ts";
import { username } from "../identity/username.ts";
import { LIMITS } from "../limits.ts";
import { capabilityHashField, capabilityToken } from "../log/capability.ts";
import { chainPart } from "./account-operations.ts";
import { operation, push } from "./operation.ts";
import { payment } from "./payment.ts";

export const authorisation = v.variant("as", [
  v.strictObject({ as: v.literal("contact"), token: capabilityToken }),
  v.strictObject({ as: v.literal("stranger"), payment, gateCode: textUpTo(LIMITS.gateCodeBytesMax) }),
]);
export type Authorisation = FormOf<typeof authorisation>;

const devices = listOf(deviceId, LIMITS.devicesPerAccountMax, 1);
const items = listOf(bytesWithin(1, LIMITS.inboxItemBytesMax), LIMITS.entriesPerBatchMax);
const SMALL = 4096;

export const deliverRequest = v.strictObject({
  account: accountId,
  devices,
  itemId: entryId,
  body: bytesWithin(1, LIMITS.inboxBodyBytesMax),
  authorisation,
});
export type DeliverRequest = FormOf<typeof deliverRequest>;

const STRANGER_ERRORS = [
  "account_unknown",
  "capability_invalid",
  "payment_required",
  "payment_invalid",
  "payment_spent",
  "inbox_closed",
  "gate_code_wrong",
] as const;

export const INBOX_OPERATIONS = {
  /** Items from `from` come as pushes, then new ones as they arrive. */
  "inbox.subscribe": operation({
    connection: "account",
    access: "login",
    cost: "cheap",
    request: v.strictObject({ from: uint }),
    response: v.strictObject({ first: uint, head: uint }),
    requestBytesMax: SMALL,
    errors: ["login_required"],
  }),
  /** Deletes the items up to and including `through`: their effects are durable on the device. */
  "inbox.acknowledge": operation({
    connection: "account",
    access: "login",
    cost: "write",
    request: v.strictObject({ through: uint }),
    response: noFields,
    requestBytesMax: SMALL,
    errors: ["login_required"],
  }),
  /** For all devices of the account. A hash of null: no such way in. `strangers` is whether first messages of strangers are taken. */
  "inbox.setAccess": operation({
    connection: "account",
    access: "login",
    cost: "write",
    request: v.strictObject({ contact: v.nullable(capabilityHashField), gate: v.nullable(capabilityHashField), strangers: v.boolean() }),
    response: noFields,
    requestBytesMax: SMALL,
    errors: ["login_required"],
  }),
  "inbox.deliver": operation({
    connection: "anonymous",
    access: "payment",
    cost: "expensive",
    request: deliverRequest,
    response: v.strictObject({
      results: listOf(
        v.strictObject({ device: deviceId, outcome: v.picklist(["delivered", "duplicate", "device_unknown", "inbox_full"]) }),
        LIMITS.devicesPerAccountMax,
      ),
    }),
    requestBytesMax: LIMITS.inboxBodyBytesMax + 32 * SMALL,
    errors: STRANGER_ERRORS,
  }),
  /** One key package for each device; `key_package` null where a device has none, not even a last resort. */
  "keyPackages.claim": operation({
    connection: "anonymous",
    access: "payment",
    cost: "expensive",
    request: v.strictObject({ account: accountId, devices, authorisation }),
    response: v.strictObject({
      claimed: listOf(
        v.strictObject({
          device: deviceId,
          keyPackage: v.nullable(bytesWithin(1, LIMITS.keyPackageBytesMax)),
          isLastResort: v.boolean(),
        }),
        LIMITS.devicesPerAccountMax,
      ),
    }),
    requestBytesMax: 32 * SMALL,
    errors: STRANGER_ERRORS,
  }),
  "directory.lookup": operation({
    connection: "anonymous",
    access: "open",
    cost: "expensive",
    request: v.strictObject({ username }),
    /** `proof` is empty until the server keeps a transparency log. */
    response: v.strictObject({ account: accountId, gated: v.boolean(), proof: bytesWithin(0, 16 * 1024) }),
    requestBytesMax: SMALL,
    errors: ["username_invalid", "username_unknown"],
  }),
  /** The username of an account whose id one knows, as members of a group know each other's; null without one. */
  "directory.name": operation({
    connection: "anonymous",
    access: "open",
    cost: "cheap",
    request: v.strictObject({ account: accountId }),
    response: v.strictObject({ username: v.nullable(username) }),
    requestBytesMax: SMALL,
    errors: ["account_unknown"],
  }),
  "directory.chain": operation({
    connection: "anonymous",
    access: "open",
    cost: "cheap",
    request: v.strictObject({ account: accountId, from: uint }),
    response: chainPart,
    requestBytesMax: SMALL,
    errors: ["account_unknown"],
  }),
} as const;

export const INBOX_PUSHES = {
  "inbox.items": push({ connection: "account", payload: v.strictObject({ items }) }),
  "inbox.live": push({ connection: "account", payload: v.strictObject({ next: uint }) }),
} as const;
