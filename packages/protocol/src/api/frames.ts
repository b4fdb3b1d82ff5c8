/**
 * Frames: one binary WebSocket message each, deterministic CBOR (spec/log.md §Frames).
 *
 *   client   [ 0, id, operation, request ]       id: chosen by the client, unique among its open requests
 *   server   [ 1, id, answer ]
 *            [ 2, id, code, retryAfterMs ]       retryAfterMs null if waiting does not help
 *            [ 3, push, payload ]
 *
 * Requests may be in flight at once; answers come in any order. A frame that is no array of this kind closes the connection, since its id
 * is not known; a request that breaks its form is answered with an error.
 */
import * as v from "valibot";
import { type CborValue, decodeCbor, encodeCbor, cborLimits } from "../codec/cbor.ts";
import { textUpTo, uint, uint32 } from "../codec/fields.ts";
import { checkForm } from "../codec/form.ts";
import { type ErrorCode, isErrorCode } from "../error-codes.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import {
  type AnyPush,
  type AnyRequest,
  FRAME_API,
  type FrameOperation,
  isFrameOperation,
  isPushName,
  PUSHES,
  type PushName,
  type PushPayload,
  type RequestOf,
  type ResponseOf,
} from "./api.ts";
import type { Connection } from "./operation.ts";

export type RequestEnvelope = {
  readonly id: number;
  readonly operation: string;
  readonly request: unknown;
  readonly frameBytes: number;
};

export type ServerFrame =
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly type: "error"; readonly id: number; readonly code: ErrorCode; readonly retryAfterMs: number | null }
  | ({ readonly type: "push" } & AnyPush);

const name = textUpTo(64, 1);
const requestWire = v.strictTuple([v.literal(0, "frame_unknown"), uint32, name, v.unknown()], "frame_unknown");
const answerWire = v.strictTuple([v.literal(1, "frame_unknown"), uint32, v.unknown()], "frame_unknown");
const errorWire = v.strictTuple([v.literal(2, "frame_unknown"), uint32, name, v.nullable(uint)], "frame_unknown");
const pushWire = v.strictTuple([v.literal(3, "frame_unknown"), name, v.unknown()], "frame_unknown");

/** Requests and answers are typed by the table; they consist of CBOR values only. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checkForm has just checked the value against its schema
const asCbor = (value: unknown): CborValue => value as CborValue;

export function encodeRequest<Name extends FrameOperation>(id: number, operation: Name, request: RequestOf<Name>): Uint8Array {
  const checked = checkForm(FRAME_API[operation].request, request);
  if (!checked.ok) throw new ProtocolError(checked.code);
  return encodeCbor([0, id, operation, asCbor(request)]);
}

export function encodeAnswer<Name extends FrameOperation>(id: number, operation: Name, answer: ResponseOf<Name>): Uint8Array {
  const checked = checkForm(FRAME_API[operation].response, answer);
  if (!checked.ok) throw new ProtocolError(checked.code);
  return encodeCbor([1, id, asCbor(answer)]);
}

export function encodeError(id: number, code: ErrorCode, retryAfterMs: number | null = null): Uint8Array {
  return encodeCbor([2, id, code, retryAfterMs]);
}

export function encodePush<Name extends PushName>(push: Name, payload: PushPayload<Name>): Uint8Array {
  const checked = checkForm(PUSHES[push].payload, payload);
  if (!checked.ok) throw new ProtocolError(checked.code);
  return encodeCbor([3, push, asCbor(payload)]);
}

/** A client's frame, with the request still unchecked: its id is known, so that a bad request can be answered. */
export function decodeRequestEnvelope(bytes: Uint8Array): Outcome<RequestEnvelope> {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.frameBytesMax));
  if (!decoded.ok) return decoded;
  const form = checkForm(requestWire, decoded.value);
  if (!form.ok) return form;
  const [, id, operation, request] = form.value;
  return success({ id, operation, request, frameBytes: bytes.length });
}

/** The request as the table types it. An operation of the other kind of connection does not exist on this one. */
export function readRequest(envelope: RequestEnvelope, connection: Connection): Outcome<AnyRequest> {
  const { operation } = envelope;
  if (!isFrameOperation(operation) || FRAME_API[operation].connection !== connection) return failure("operation_unknown");
  const row = FRAME_API[operation];
  if (envelope.frameBytes > row.requestBytesMax + FRAME_OVERHEAD_BYTES) return failure("cbor_too_large");
  const form = checkForm(row.request, envelope.request);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema is that of this operation; the compiler sees only the union
  return form.ok ? success({ operation, request: form.value } as AnyRequest) : form;
}

/** Envelope around a request. */
const FRAME_OVERHEAD_BYTES = 128;

export function decodeServerFrame(bytes: Uint8Array): Outcome<ServerFrame> {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.frameBytesMax));
  if (!decoded.ok) return decoded;
  const wire = decoded.value;
  const type: unknown = Array.isArray(wire) ? wire[0] : undefined;
  switch (type) {
    case 1: {
      const form = checkForm(answerWire, wire);
      return form.ok ? success({ type: "answer", id: form.value[1], answer: form.value[2] }) : form;
    }
    case 2: {
      const form = checkForm(errorWire, wire);
      if (!form.ok) return form;
      const [, id, code, retryAfterMs] = form.value;
      return success({ type: "error", id, code: isErrorCode(code) ? code : "code_unknown", retryAfterMs });
    }
    case 3:
      return readPush(wire);
    default:
      return failure("frame_unknown");
  }
}

function readPush(wire: unknown): Outcome<ServerFrame> {
  const form = checkForm(pushWire, wire);
  if (!form.ok) return form;
  const [, push, payload] = form.value;
  if (!isPushName(push)) return failure("frame_unknown");
  const checked = checkForm(PUSHES[push].payload, payload);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema is that of this push; the compiler sees only the union
  return checked.ok ? success({ type: "push", push, payload: checked.value } as ServerFrame) : checked;
}

/** The answer to a request of this operation. */
export function readAnswer<Name extends FrameOperation>(operation: Name, answer: unknown): Outcome<ResponseOf<Name>> {
  const form = checkForm(FRAME_API[operation].response, answer);
  return form.ok ? success(form.value as ResponseOf<Name>) : failure("answer_invalid");
}
