/** Failures over HTTP (spec/blobs.md §Operations): a CBOR form with the code, and the status that belongs to it. */
import { BLOB_HEADERS, CBOR_TYPE, encodeForm, type ErrorCode, ERRORS, problem } from "@sotto/protocol";
import type { FastifyReply } from "fastify";

export function sendProblem(reply: FastifyReply, code: ErrorCode, retryAfterMs: number | null = null): FastifyReply {
  if (retryAfterMs !== null) void reply.header(BLOB_HEADERS.retryAfter, Math.ceil(retryAfterMs / 1000));
  return reply
    .code(ERRORS[code].status ?? 500)
    .type(CBOR_TYPE)
    .send(Buffer.from(encodeForm(problem, { code, retryAfterMs })));
}
