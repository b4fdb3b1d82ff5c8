/**
 * One connection to the server that comes back by itself: requests and answers, pushes, time-outs, and waiting longer after each failure
 * (a random part of 0.25 s, doubling up to 30 s). Requests never throw: what goes wrong is an outcome with a code, so every caller decides.
 *
 * A connection can be dead without anybody having said so, as after a machine slept or a router forgot it. One that says nothing at all while an answer
 * is due is closed and made anew; one on which nobody asks is watched by the transport.
 */
import {
  type AnyPush,
  type Connection,
  decodeServerFrame,
  encodeRequest,
  type ErrorCode,
  type Failure,
  failure,
  type FrameOperation,
  type Hello,
  PROTOCOL_VERSION,
  readAnswer,
  type RequestOf,
  type ResponseOf,
  type Success,
} from "@sotto/protocol";
import type { Cancel, Channel, Ports } from "../ports.ts";
import { isTransient } from "./transient.ts";

const ANSWER_MS = 20_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 30_000;

export type LineEvents = {
  /** After every hello. What it asks itself goes through before anybody else's requests; false closes the connection and tries later. */
  readonly onHello: (hello: Hello, line: Line) => Promise<boolean>;
  readonly onReady: () => void;
  readonly onPush: (push: AnyPush) => void;
  readonly onLost: () => void;
};

/** `retryAfterMs`: when asking again may help, as the server says. */
export type Asked<T> = Success<T> | (Failure & { readonly retryAfterMs?: number });

type Waiting = { readonly settle: (outcome: Asked<unknown>) => void; readonly cancel: Cancel };

function refusal(code: ErrorCode, retryAfterMs: number | null): Asked<never> {
  return retryAfterMs === null ? failure(code) : { ...failure(code), retryAfterMs };
}

export class Line {
  readonly #ports: Pick<Ports, "transport" | "clock" | "random">;
  readonly #kind: Connection;
  readonly #events: LineEvents;
  readonly #waiting = new Map<number, Waiting>();
  #channel: Channel | undefined;
  /** Frames go out from here on. */
  #isOpen = false;
  #isReady = false;
  #isStopped = true;
  #failures = 0;
  #nextId = 1;
  /** Frames that came on this connection. */
  #heard = 0;
  #cancelRetry: Cancel | undefined;
  #cancelHello: Cancel | undefined;
  #trouble: ErrorCode | undefined;

  constructor(ports: Pick<Ports, "transport" | "clock" | "random">, kind: Connection, events: LineEvents) {
    this.#ports = ports;
    this.#kind = kind;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What the server or the way to it does not do at the moment; undefined when the last answer was a good one. */
  get trouble(): ErrorCode | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#isStopped = false;
    this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    const channel = this.#channel;
    this.#lose();
    channel?.close();
  }

  /** Asks if there is a connection now; `server_unreachable` if not. */
  async ask<Name extends FrameOperation>(operation: Name, request: RequestOf<Name>): Promise<Asked<ResponseOf<Name>>> {
    const channel = this.#channel;
    if (channel === undefined || !this.#isOpen) return failure("server_unreachable");
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    const answer = await new Promise<Asked<unknown>>((resolve) => {
      const heard = this.#heard;
      const cancel = this.#ports.clock.after(ANSWER_MS, () => {
        this.#settle(id, failure("server_timeout"));
        if (this.#channel === channel && this.#heard === heard) this.#drop("server_timeout");
      });
      this.#waiting.set(id, { settle: resolve, cancel });
      channel.send(encodeRequest(id, operation, request));
    });
    return answer.ok ? readAnswer(operation, answer.value) : answer;
  }

  #settle(id: number, outcome: Asked<unknown>): void {
    if (outcome.ok) this.#trouble = undefined;
    else if (isTransient(outcome.code)) this.#trouble = outcome.code;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    waiting?.settle(outcome);
  }

  #open(): void {
    if (this.#isStopped || this.#channel !== undefined) return;
    const channel: Channel = this.#ports.transport.open(this.#kind, {
      onOpen: () => {
        if (this.#channel === channel) this.#isOpen = true;
      },
      onFrame: (frame) => {
        if (this.#channel === channel) this.#receive(frame);
      },
      onClosed: (why) => {
        if (this.#channel === channel) this.#lose(why);
      },
    });
    this.#channel = channel;
    this.#heard = 0;
    // A server that accepts a connection and then says nothing is as good as none.
    this.#cancelHello = this.#ports.clock.after(ANSWER_MS, () => {
      if (this.#channel === channel && !this.#isReady) this.#drop("server_timeout");
    });
  }

  #receive(frame: Uint8Array): void {
    this.#heard += 1;
    const decoded = decodeServerFrame(frame);
    if (!decoded.ok) return this.#drop("answer_invalid");
    const { value } = decoded;
    if (value.type === "answer") return this.#settle(value.id, { ok: true, value: value.answer });
    if (value.type === "error") return this.#settle(value.id, refusal(value.code, value.retryAfterMs));
    if (value.push === "account.hello" || value.push === "anonymous.hello") return void this.#greet(value.payload);
    return this.#events.onPush(value);
  }

  async #greet(hello: Hello): Promise<void> {
    const channel = this.#channel;
    if (hello.protocol !== PROTOCOL_VERSION) return this.#drop("server_version");
    // A login that fails for a reason of this device, such as a full disk, is tried again like any other.
    const isWelcome = await this.#events.onHello(hello, this).catch(() => false);
    if (this.#channel !== channel) return;
    if (!isWelcome) return this.#drop();
    this.#isReady = true;
    this.#trouble = undefined;
    this.#cancelHello?.();
    this.#failures = 0;
    this.#events.onReady();
  }

  #drop(why?: ErrorCode): void {
    const channel = this.#channel;
    this.#lose(why);
    channel?.close();
  }

  #lose(why?: ErrorCode): void {
    if (this.#channel === undefined) return;
    this.#channel = undefined;
    this.#isOpen = false;
    this.#isReady = false;
    this.#cancelHello?.();
    for (const id of this.#waiting.keys()) this.#settle(id, failure("server_unreachable"));
    this.#trouble = why ?? this.#trouble ?? "server_unreachable";
    this.#events.onLost();
    if (this.#isStopped) return;
    this.#cancelRetry = this.#ports.clock.after(this.#delay(), () => this.#open());
  }

  #delay(): number {
    const [part = 0] = this.#ports.random(1);
    const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return Math.floor((delay * (128 + part / 2)) / 256);
  }
}
