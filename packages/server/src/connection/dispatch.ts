/**
 * From a frame to its answer (spec/log.md §Frames). A frame without an id to answer ends the connection; everything else is answered, and
 * nothing that arrives makes this throw.
 */
import {
  type AnyRequest,
  type AppendResult,
  COMMON_ERRORS,
  decodeRequestEnvelope,
  encodeAnswer,
  encodeError,
  type ErrorCode,
  FRAME_API,
  type FrameOperation,
  LIMITS,
  readAppendFrame,
  readRequest,
  type ResponseOf,
  writeAppended,
} from "@sotto/protocol";
import { codeOf } from "../server-error.ts";
import type { Answer, Handler, Handlers } from "./handlers.ts";
import { CLOSE, type Peer } from "./peer.ts";

export type DispatchOptions = {
  readonly handlers: Handlers;
  readonly now: () => number;
  /** 0, or the milliseconds to wait: limits beyond those of the connection. */
  readonly limit: (peer: Peer, request: AnyRequest) => number;
  /** A request was answered: with a code, or `ok`. For numbers without names. */
  readonly onAnswered: (operation: FrameOperation | "unknown", code: ErrorCode | "ok") => void;
  /** Something failed that should not: for the log of the server. */
  readonly onFailure: (operation: FrameOperation, error: unknown) => void;
};

/** Codes that a client is not told as they are: they would mean something else on its side. */
const TOLD_AS: Partial<Record<ErrorCode, ErrorCode>> = {
  store_damaged: "server_failed",
  store_locked: "server_busy",
  store_unavailable: "server_failed",
  store_disk_full: "server_disk_full",
};

type Appended = AppendResult & { readonly outcome: "appended" };

const isAppended = (value: object): value is Appended => "receipt" in value && "outcome" in value && value.outcome === "appended";

export class Dispatcher {
  readonly #options: DispatchOptions;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  receive(peer: Peer, frame: Uint8Array): void {
    const append = peer.kind === "anonymous" ? readAppendFrame(frame) : undefined;
    if (append !== undefined) return this.#admit(peer, append.id, { operation: "log.append", request: append.request });
    const envelope = decodeRequestEnvelope(frame);
    if (!envelope.ok) {
      this.#options.onAnswered("unknown", envelope.code);
      peer.close(CLOSE.frame, envelope.code);
      return;
    }
    const { id } = envelope.value;
    const read = readRequest(envelope.value, peer.kind);
    if (!read.ok) {
      this.#options.onAnswered("unknown", read.code);
      // A wrong request costs as much as a right one, or garbage would be free.
      const wait = peer.take("cheap", this.#options.now());
      peer.send(wait > 0 ? encodeError(id, "rate_limited", wait) : encodeError(id, read.code));
      return;
    }
    this.#admit(peer, id, read.value);
  }

  #admit(peer: Peer, id: number, request: AnyRequest): void {
    const { operation } = request;
    if (peer.inFlight >= LIMITS.requestsInFlightMax) {
      this.#refuse(peer, { id, operation }, { code: "rate_limited", retryAfterMs: 100 });
      return;
    }
    const wait = peer.take(FRAME_API[operation].cost, this.#options.now()) || this.#options.limit(peer, request);
    if (wait > 0) {
      this.#refuse(peer, { id, operation }, { code: "rate_limited", retryAfterMs: wait });
    } else if (FRAME_API[operation].access === "login" && peer.session === undefined) {
      this.#refuse(peer, { id, operation }, { code: "login_required", retryAfterMs: null });
    } else {
      void this.#answer(peer, id, request);
    }
  }

  async #answer(peer: Peer, id: number, { operation, request }: AnyRequest): Promise<void> {
    peer.inFlight++;
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- readRequest typed the request by this operation; the compiler sees only the union
      const handler = this.#options.handlers[operation] as Handler<FrameOperation>;
      const answer: Answer<FrameOperation> = await handler(request, peer);
      if (answer.ok) this.#reply(peer, { id, operation }, answer.value);
      else
        this.#refuse(peer, { id, operation }, { code: answer.code, retryAfterMs: "retryAfterMs" in answer ? answer.retryAfterMs : null });
    } catch (error) {
      this.#options.onFailure(operation, error);
      const code = codeOf(error);
      this.#refuse(peer, { id, operation }, { code: TOLD_AS[code] ?? code, retryAfterMs: null });
    } finally {
      peer.inFlight--;
    }
  }

  #reply<Name extends FrameOperation>(peer: Peer, to: { readonly id: number; readonly operation: Name }, value: ResponseOf<Name>): void {
    peer.send(isAppended(value) ? writeAppended(to.id, value) : encodeAnswer(to.id, to.operation, value));
    this.#options.onAnswered(to.operation, "ok");
  }

  #refuse(
    peer: Peer,
    to: { readonly id: number; readonly operation: FrameOperation },
    why: { readonly code: ErrorCode; readonly retryAfterMs: number | null },
  ): void {
    const mayAnswer: readonly ErrorCode[] = [...COMMON_ERRORS, ...FRAME_API[to.operation].errors];
    const code = mayAnswer.includes(why.code) ? why.code : "server_failed";
    peer.send(encodeError(to.id, code, why.retryAfterMs));
    this.#options.onAnswered(to.operation, code);
  }
}
