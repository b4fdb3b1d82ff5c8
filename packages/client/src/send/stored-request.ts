/** Requests to a log that wait in the outbox, in the form in which they are sent (spec/log.md §API): the map of `log.create`, of `log.append`. */
import { type AppendRequest, appendRequest, decodeForm, encodeCbor, type FormOf, LIMITS, logCreateRequest } from "@sotto/protocol";
import { DAMAGED, type StoredOutcome } from "../store/stored-form.ts";

export type CreateRequest = FormOf<typeof logCreateRequest>;

const CREATE_BYTES_MAX = 4096;

export function encodeCreate(request: CreateRequest): Uint8Array {
  return encodeCbor(request);
}

export function decodeCreate(bytes: Uint8Array): StoredOutcome<CreateRequest> {
  const read = decodeForm(logCreateRequest, bytes, CREATE_BYTES_MAX);
  return read.ok ? read : DAMAGED;
}

export function encodeAppend(request: AppendRequest): Uint8Array {
  return encodeCbor(request);
}

export function decodeAppend(bytes: Uint8Array): StoredOutcome<AppendRequest> {
  const read = decodeForm(appendRequest, bytes, LIMITS.frameBytesMax);
  return read.ok ? read : DAMAGED;
}
