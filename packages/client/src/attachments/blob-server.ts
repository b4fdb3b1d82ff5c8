/**
 * Blobs over HTTP (spec/blobs.md §Operations), as the client sees them. A server may answer anything, slowly or never: every wait has an end, every
 * answer a limit, and what comes of it is an outcome with a code.
 */
import {
  BLOB_HEADERS,
  BLOB_OPERATIONS,
  type BlobId,
  blobStatus,
  bytesToBase64url,
  CBOR_TYPE,
  decodeForm,
  encodeForm,
  type FormOf,
  idToText,
  isErrorCode,
  LIMITS,
  problem,
} from "@sotto/protocol";
import type { ClientErrorCode } from "../client-error.ts";
import type { Clock } from "../ports.ts";
import type { Cancellation, HttpAnswer, HttpExchange, HttpPort, HttpRequest } from "./ports.ts";

/** Silence: nothing more is taken from us, or nothing more comes. The last piece of an upload may still wait in the network. */
const SILENCE_MS = 30_000;
const LAST_PIECE_MS = 120_000;
/** So much has to come while one silence lasts, or a server could hold us with a byte now and then. */
export const PROGRESS_BYTES = 16 * 1024;

export type BlobStatus = FormOf<typeof blobStatus>;
export type Failed = { readonly ok: false; readonly code: ClientErrorCode; readonly waitMs: number };
export type Answered<T> = { readonly ok: true; readonly value: T } | Failed;
export type NewBlob = Omit<FormOf<(typeof BLOB_OPERATIONS)["blob.create"]["request"]>, "payment">;

export const refused = (code: ClientErrorCode, waitMs = 0): Failed => ({ ok: false, code, waitMs });

/** Ends an exchange that stands still, or that nobody wants any more. */
class Watch {
  readonly #clock: Clock;
  readonly #cancellation: Cancellation | undefined;
  readonly #end: () => void;
  #cancelTimer: (() => void) | undefined;
  code: ClientErrorCode | undefined;

  constructor(clock: Clock, exchange: HttpExchange, cancellation: Cancellation | undefined) {
    this.#clock = clock;
    this.#cancellation = cancellation;
    this.#end = () => {
      this.code ??= "transfer_stopped";
      exchange.abort();
    };
    cancellation?.addEventListener("abort", this.#end);
    this.allow(SILENCE_MS);
  }

  allow(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(ms, () => {
      this.code ??= "server_timeout";
      this.#end();
    });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancellation?.removeEventListener("abort", this.#end);
  }
}

type Order = Omit<HttpRequest, "length" | "body"> & { readonly body?: readonly Uint8Array[]; readonly onTaken?: (bytes: number) => void };

export type Appending = {
  readonly blob: BlobId;
  readonly token: Uint8Array;
  readonly offset: number;
  readonly pieces: readonly Uint8Array[];
  /** Called with the number of bytes that the network has taken of this request so far. */
  readonly onTaken: (bytes: number) => void;
};

export type Reading = { readonly blob: BlobId; readonly start: number; /** Of the whole blob. */ readonly size: number };

export class BlobServer {
  readonly #http: HttpPort;
  readonly #clock: Clock;
  readonly #cancellation: Cancellation | undefined;

  constructor({ http, clock }: { readonly http: HttpPort; readonly clock: Clock }, cancellation?: Cancellation) {
    this.#http = http;
    this.#clock = clock;
    this.#cancellation = cancellation;
  }

  async create(blob: NewBlob): Promise<Answered<BlobStatus>> {
    const { method, path, request } = BLOB_OPERATIONS["blob.create"];
    const body = [encodeForm(request, { ...blob, payment: [] })];
    return this.#status({ method, path, headers: { "content-type": CBOR_TYPE }, body }, blob.size);
  }

  status({ blob, size }: { readonly blob: BlobId; readonly size: number }): Promise<Answered<BlobStatus>> {
    const { method, path } = BLOB_OPERATIONS["blob.status"];
    return this.#status({ method, path: pathOf(path, blob), headers: {} }, size);
  }

  async append({ blob, token, offset, pieces, onTaken }: Appending, size: number): Promise<Answered<BlobStatus>> {
    const { method, path } = BLOB_OPERATIONS["blob.upload"];
    const headers = { ...authorised(token), [BLOB_HEADERS.offset]: String(offset), "content-type": "application/octet-stream" };
    const status = await this.#status({ method, path: pathOf(path, blob), headers, body: pieces, onTaken }, size);
    const end = offset + pieces.reduce((sum, { length }) => sum + length, 0);
    return status.ok && (status.value.offset < offset || status.value.offset > end) ? refused("answer_invalid") : status;
  }

  async delete({ blob, token }: { readonly blob: BlobId; readonly token: Uint8Array }): Promise<Answered<null>> {
    const { method, path } = BLOB_OPERATIONS["blob.delete"];
    return this.#ask({ method, path: pathOf(path, blob), headers: authorised(token) }, async (answer, watch) => {
      const bytes = await small(answer, watch);
      return answer.status === 200 && bytes !== undefined ? { ok: true, value: null } : failedAs(answer, bytes);
    });
  }

  /** Gives the bytes from `start` to the end of the blob to `take`, which may refuse them with a code. */
  read({ blob, start, size }: Reading, take: (bytes: Uint8Array) => Promise<ClientErrorCode | undefined>): Promise<Answered<null>> {
    const { method, path } = BLOB_OPERATIONS["blob.read"];
    const headers = { range: `bytes=${start}-${size - 1}` };
    return this.#ask({ method, path: pathOf(path, blob), headers }, async (answer, watch) => {
      if (answer.status !== 206) return failedAs(answer, await small(answer, watch));
      const range = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(answer.header("content-range") ?? "");
      if (range === null || Number(range[1]) !== start) return refused("answer_invalid");
      if (Number(range[3]) !== size) return refused("attachment_size");
      let fresh = 0;
      for await (const bytes of answer.body) {
        fresh += bytes.length;
        const problemCode = await take(bytes);
        if (problemCode !== undefined) return refused(problemCode);
        if (fresh >= PROGRESS_BYTES) {
          fresh = 0;
          watch.allow(SILENCE_MS);
        }
      }
      return { ok: true, value: null };
    });
  }

  async #status(order: Order, size: number): Promise<Answered<BlobStatus>> {
    return this.#ask(order, async (answer, watch) => {
      const bytes = await small(answer, watch);
      if (answer.status !== 200) return failedAs(answer, bytes);
      const form = bytes && decodeForm(blobStatus, bytes, LIMITS.httpAnswerBytesMax);
      if (form?.ok !== true || form.value.size !== size || form.value.offset > size) return refused("answer_invalid");
      return { ok: true, value: form.value };
    });
  }

  async #ask<T>(order: Order, use: (answer: HttpAnswer, watch: Watch) => Promise<Answered<T>>): Promise<Answered<T>> {
    if (this.#cancellation?.aborted === true) return refused("transfer_stopped");
    const { body = [], onTaken, ...rest } = order;
    const length = body.reduce((sum, piece) => sum + piece.length, 0);
    const state: { watch?: Watch } = {};
    function* taken(): Generator<Uint8Array> {
      let bytes = 0;
      for (const piece of body) {
        yield piece;
        bytes += piece.length;
        state.watch?.allow(bytes === length ? LAST_PIECE_MS : SILENCE_MS);
        onTaken?.(bytes);
      }
    }
    const exchange = this.#http.send({ ...rest, length, body: taken() });
    const watch = new Watch(this.#clock, exchange, this.#cancellation);
    state.watch = watch;
    try {
      return await use(await exchange.answer, watch);
    } catch (error) {
      if (isClientFailure(error)) throw error;
      return refused(watch.code ?? "server_unreachable");
    } finally {
      watch.stop();
      exchange.abort();
    }
  }
}

/** What a file says goes through; everything else that is thrown here came from the network. */
function isClientFailure(error: unknown): boolean {
  return error instanceof Error && error.name === "ClientError";
}

function pathOf(path: string, blob: BlobId): string {
  return path.replace("{blob}", idToText(blob));
}

function authorised(token: Uint8Array): Record<string, string> {
  return { [BLOB_HEADERS.token]: `${BLOB_HEADERS.tokenScheme} ${bytesToBase64url(token)}` };
}

/** A body that is a form; undefined if it is longer than any. */
async function small(answer: HttpAnswer, watch: Watch): Promise<Uint8Array | undefined> {
  const whole = new Uint8Array(LIMITS.httpAnswerBytesMax);
  let length = 0;
  watch.allow(SILENCE_MS);
  for await (const bytes of answer.body) {
    if (length + bytes.length > LIMITS.httpAnswerBytesMax) return undefined;
    whole.set(bytes, length);
    length += bytes.length;
  }
  return whole.subarray(0, length);
}

function failedAs({ status }: HttpAnswer, bytes: Uint8Array | undefined): Failed {
  const form = bytes && decodeForm(problem, bytes, LIMITS.httpAnswerBytesMax);
  if (form?.ok !== true || status < 400) return refused("answer_invalid");
  const { code, retryAfterMs } = form.value;
  return refused(isErrorCode(code) ? code : "code_unknown", retryAfterMs ?? 0);
}
