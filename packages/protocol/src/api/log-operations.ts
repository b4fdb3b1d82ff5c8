/**
 * Logs, on the anonymous connection (spec/log.md §Operations). A token of epoch e reads the entries of e up to and including the handshake
 * that ends it, and writes while e is the log's epoch. Tokens are checked before anything about the log is told.
 */
import * as v from "valibot";
import { bytesOf, bytesWithin, listOf, noFields, timeMs, uint, uintUpTo } from "../codec/fields.ts";
import type { FormOf } from "../codec/form.ts";
import { entryId, logId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { capabilityHashes, capabilityToken } from "../log/capability.ts";
import { RECEIPT_BYTES, TAG_BYTES } from "../log/receipt.ts";
import { operation, push } from "./operation.ts";
import { payment } from "./payment.ts";

const access = { log: logId, epoch: uint, token: capabilityToken } as const;
const entries = listOf(bytesWithin(1, LIMITS.entryBytesMax), LIMITS.entriesPerBatchMax);
const accepted = { seq: uint, acceptedAt: timeMs, receipt: bytesOf(RECEIPT_BYTES) } as const;

export const logCreateRequest = v.strictObject({ log: logId, epoch: uint, hashes: capabilityHashes, payment });

export const appendRequest = v.strictObject({
  ...access,
  entryId,
  kind: v.picklist(["message", "handshake"]),
  tag: bytesOf(TAG_BYTES),
  body: bytesWithin(1, LIMITS.handshakeBodyBytesMax),
  /** With a handshake the hashes of the next epoch's tokens; else null. */
  next: v.nullable(capabilityHashes),
});
export type AppendRequest = FormOf<typeof appendRequest>;

/**
 * `duplicate`: the entry id is in the log already, here is where; same facts as when it was appended. `conflict`: the log is in another
 * epoch; read up to the head, rebuild, and append again.
 */
export const appendResult = v.variant("outcome", [
  v.strictObject({ outcome: v.literal("appended"), ...accepted }),
  v.strictObject({ outcome: v.literal("duplicate"), ...accepted }),
  v.strictObject({ outcome: v.literal("conflict"), head: v.strictObject({ epoch: uint, seq: uint }) }),
]);
export type AppendResult = FormOf<typeof appendResult>;

export const logReadRequest = v.strictObject({ ...access, from: uint, bytesMax: uintUpTo(LIMITS.batchBytesMax) });

export const logReadResult = v.strictObject({
  entries,
  /** Where to go on. */
  next: uint,
  /** The oldest sequence number that is kept. */
  first: uint,
  /** `more`: ask again. `live`: that is all so far. `epoch_ended`: the last entry ends the epoch; go on with the next epoch's token. */
  end: v.picklist(["more", "live", "epoch_ended"]),
});
export type LogReadResult = FormOf<typeof logReadResult>;

const ACCESS_ERRORS = ["log_unknown", "log_epoch_unknown", "capability_invalid"] as const;

export const LOG_OPERATIONS = {
  "log.create": operation({
    connection: "anonymous",
    access: "payment",
    cost: "expensive",
    request: logCreateRequest,
    /** `exists`: the same log with the same hashes was created before; another one is `log_exists`. */
    response: v.strictObject({ outcome: v.picklist(["created", "exists"]) }),
    requestBytesMax: 1024,
    errors: ["log_exists", "payment_required", "payment_invalid", "payment_spent", "quota_exceeded"],
  }),
  "log.append": operation({
    connection: "anonymous",
    access: "capability",
    cost: "write",
    request: appendRequest,
    response: appendResult,
    requestBytesMax: LIMITS.frameBytesMax,
    errors: [...ACCESS_ERRORS, "log_next_required", "log_next_forbidden", "quota_exceeded"],
  }),
  "log.read": operation({
    connection: "anonymous",
    access: "capability",
    cost: "cheap",
    request: logReadRequest,
    response: logReadResult,
    requestBytesMax: 1024,
    errors: [...ACCESS_ERRORS, "log_trimmed", "log_position"],
  }),
  /** Entries from `from` come as pushes until the epoch ends; then subscribe again with the next token. Replaces an earlier subscription. */
  "log.subscribe": operation({
    connection: "anonymous",
    access: "capability",
    cost: "cheap",
    request: v.strictObject({ ...access, from: uint }),
    response: v.strictObject({ first: uint, head: uint }),
    requestBytesMax: 1024,
    errors: [...ACCESS_ERRORS, "log_trimmed", "log_position", "subscription_limit"],
  }),
  "log.unsubscribe": operation({
    connection: "anonymous",
    access: "open",
    cost: "cheap",
    request: v.strictObject({ log: logId }),
    response: noFields,
    requestBytesMax: 1024,
    errors: ["subscription_unknown"],
  }),
  /** To those who listen now; not stored, no sequence number. */
  "log.ephemeral": operation({
    connection: "anonymous",
    access: "capability",
    cost: "write",
    request: v.strictObject({ ...access, body: bytesWithin(1, LIMITS.ephemeralBodyBytesMax) }),
    response: noFields,
    requestBytesMax: LIMITS.ephemeralBodyBytesMax + 1024,
    errors: ACCESS_ERRORS,
  }),
} as const;

export const LOG_PUSHES = {
  "log.entries": push({ connection: "anonymous", payload: v.strictObject({ log: logId, entries }) }),
  /** Everything stored before the subscription has been sent. */
  "log.live": push({ connection: "anonymous", payload: v.strictObject({ log: logId, next: uint }) }),
  "log.ephemeral": push({
    connection: "anonymous",
    payload: v.strictObject({ log: logId, epoch: uint, body: bytesWithin(1, LIMITS.ephemeralBodyBytesMax) }),
  }),
  /** The subscription is over; read from the cursor, then subscribe again. */
  "log.closed": push({
    connection: "anonymous",
    payload: v.strictObject({ log: logId, reason: v.picklist(["epoch_ended", "log_slow_consumer", "log_trimmed", "log_unknown"]) }),
  }),
} as const;
