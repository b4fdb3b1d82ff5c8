/** Blobs over HTTP (spec/blobs.md §Operations). */
import {
  base64urlToBytes,
  BLOB_HEADERS,
  BLOB_OPERATIONS,
  type BlobId,
  blobId,
  blobStatus,
  CBOR_TYPE,
  concatBytes,
  decodeForm,
  encodeForm,
  type ErrorCode,
  failure,
  LIMITS,
  type Outcome,
  parseId,
  success,
  tokensForBlob,
} from "@sotto/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BlobStatus, BlobStore, ByteRange } from "../blobs/blob-store.ts";
import { addressOf } from "../connection/address.ts";
import type { Settings } from "../options.ts";
import { RateTable } from "../rate.ts";
import { codeOf } from "../server-error.ts";
import type { Cashier } from "../tokens/cashier.ts";
import { sendProblem } from "./problem.ts";

const DAY_MS = 86_400_000;
/** How long a blob of which nothing arrives takes up its whole size. */
const HOUR_MS = 3_600_000;
const PATH = "/v1/blobs/:blob";

export type BlobRouteParts = {
  readonly blobs: BlobStore;
  readonly cashier: Cashier;
  readonly settings: Settings;
  readonly onFailure: (error: unknown) => void;
};

type BlobRequest = FastifyRequest<{ readonly Params: { readonly blob: string } }>;

export function addBlobRoutes(app: FastifyInstance, parts: BlobRouteParts): void {
  const { blobs, settings } = parts;
  app.addContentTypeParser(
    CBOR_TYPE,
    { parseAs: "buffer", bodyLimit: BLOB_OPERATIONS["blob.create"].requestBytesMax },
    (_request, body, done) => done(null, body),
  );
  // The bytes of an upload are read as they come, not gathered.
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const rates = new RateTable(settings.limits.address);
  // At the routes, not by the path that was asked for: one path has many spellings.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const wait = rates.take(addressOf(request.raw, settings.trustProxy), settings.now());
    return wait > 0 ? sendProblem(reply, "rate_limited", wait) : undefined;
  };
  app.post("/v1/blobs", { onRequest }, async (request, reply) => answerStatus(reply, await create(parts, request.body)));
  app.patch(PATH, { onRequest, bodyLimit: LIMITS.blobChunkBytesMax }, async (request: BlobRequest, reply) =>
    answerStatus(reply, await upload(parts, request)),
  );
  app.get(`${PATH}/status`, async (request: BlobRequest, reply) => {
    const id = parseId(blobId, request.params.blob);
    return answerStatus(reply, id.ok ? await blobs.status(id.value) : id);
  });
  app.get(PATH, async (request: BlobRequest, reply) => read(blobs, request, reply));
  app.delete(PATH, { onRequest }, async (request: BlobRequest, reply) => {
    const addressed = targetOf(request);
    const deleted = addressed.ok ? await blobs.delete(addressed.value.blob, addressed.value.token) : addressed;
    if (!deleted.ok) return sendProblem(reply, deleted.code);
    return reply.type(CBOR_TYPE).send(Buffer.from(encodeForm(BLOB_OPERATIONS["blob.delete"].response, {})));
  });
  app.setErrorHandler((error: unknown, _request, reply) => {
    const code = httpCode(error);
    if (code === "server_failed") parts.onFailure(error);
    return sendProblem(reply, code);
  });
}

/** What Fastify itself refuses, as codes of ours. */
function httpCode(error: unknown): ErrorCode {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return "cbor_too_large";
  if (typeof status === "number" && status >= 400 && status < 500) return "form_invalid";
  return codeOf(error);
}

function answerStatus(reply: FastifyReply, status: Outcome<BlobStatus>): FastifyReply {
  if (!status.ok) return sendProblem(reply, status.code);
  return reply.type(CBOR_TYPE).send(Buffer.from(encodeForm(blobStatus, { ...status.value })));
}

async function create({ blobs, cashier, settings }: BlobRouteParts, body: unknown): Promise<Outcome<BlobStatus>> {
  if (!(body instanceof Uint8Array)) return failure("form_invalid");
  const { request, requestBytesMax } = BLOB_OPERATIONS["blob.create"];
  const form = decodeForm(request, new Uint8Array(body), requestBytesMax);
  if (!form.ok) return form;
  const { blob, size, write, payment } = form.value;
  if (size < 1) return failure("form_number");
  if (size > settings.blobBytesMax) return failure("blob_too_large");
  const isNew = !(await blobs.status(blob)).ok;
  // The store decides; here it keeps most from paying for what there is no room for.
  if (isNew && (await blobs.bytesTotal()) + size > settings.blobBytesTotalMax) return failure("quota_exceeded");
  const paid = isNew ? await cashier.take(payment, { count: tokensForBlob(size), purpose: concatBytes(blob, write) }) : success(null);
  if (!paid.ok) return paid;
  return blobs.create({ blob, size, write, expiresAt: settings.now() + Math.min(HOUR_MS, settings.blobDaysKept * DAY_MS) });
}

function targetOf(request: BlobRequest): Outcome<{ readonly blob: BlobId; readonly token: Uint8Array }> {
  const id = parseId(blobId, request.params.blob);
  if (!id.ok) return id;
  const [scheme, text, ...more] = (request.headers[BLOB_HEADERS.token] ?? "").split(" ");
  const token = scheme === BLOB_HEADERS.tokenScheme && text !== undefined && text.length <= 64 ? base64urlToBytes(text) : undefined;
  return token === undefined || more.length > 0 ? failure("capability_invalid") : success({ blob: id.value, token });
}

async function upload({ blobs, settings }: BlobRouteParts, request: BlobRequest): Promise<Outcome<BlobStatus>> {
  const addressed = targetOf(request);
  if (!addressed.ok) return addressed;
  const text = request.headers[BLOB_HEADERS.offset];
  if (typeof text !== "string" || !/^(0|[1-9][0-9]{0,12})$/.test(text)) return failure("form_number");
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (!(length <= LIMITS.blobChunkBytesMax)) return failure("cbor_too_large");
  // Silence for too long ends the request; what came before it is kept.
  request.raw.setTimeout(settings.limits.uploadIdleMs, () => request.raw.destroy());
  const expiresAt = settings.now() + settings.blobDaysKept * DAY_MS;
  return blobs.upload({ ...addressed.value, offset: Number(text), length, bytes: request.raw, expiresAt });
}

async function read(blobs: BlobStore, request: BlobRequest, reply: FastifyReply): Promise<FastifyReply> {
  const id = parseId(blobId, request.params.blob);
  const status = id.ok ? await blobs.status(id.value) : id;
  if (!id.ok) return sendProblem(reply, id.code);
  if (!status.ok) return sendProblem(reply, status.code);
  const { size } = status.value;
  const range = parseRange(request.headers.range, size);
  if (range === "unsatisfiable") return sendProblem(reply.header("content-range", `bytes */${size}`), "blob_range");
  const stream = await blobs.read(id.value, range ?? { start: 0, end: size - 1 });
  if (!stream.ok) return sendProblem(reply, stream.code);
  if (range !== undefined) void reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${size}`);
  const length = range === undefined ? size : range.end - range.start + 1;
  return reply.header("accept-ranges", "bytes").header("content-length", length).type("application/octet-stream").send(stream.value);
}

/** One range of RFC 9110 §14.1.2; undefined where there is none or one that is to be ignored. */
function parseRange(header: string | undefined, size: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=([0-9]{0,13})-([0-9]{0,13})$/.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}
