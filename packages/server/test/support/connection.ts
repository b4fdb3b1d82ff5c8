/** A client connection for tests: requests with answers, pushes in order. */
import {
  type AnyPush,
  type Connection,
  CONNECTION_PATHS,
  decodeServerFrame,
  encodeRequest,
  type ErrorCode,
  expectSuccess,
  type FrameOperation,
  type PushName,
  type PushPayload,
  readAnswer,
  type RequestOf,
  type ResponseOf,
  SUBPROTOCOL,
} from "@sotto/protocol";
import { WebSocket } from "ws";

class Refused extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | null;
  constructor(code: ErrorCode, retryAfterMs: number | null) {
    super(code);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void };

export class TestConnection {
  readonly socket: WebSocket;
  readonly pushes: AnyPush[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #waiting = new Map<number, Waiting>();
  #wake: (() => void)[] = [];
  #nextId = 1;

  constructor(address: string, kind: Connection) {
    this.socket = new WebSocket(`${address.replace(/^http/, "ws")}${CONNECTION_PATHS[kind]}`, SUBPROTOCOL, { perMessageDeflate: false });
    this.socket.on("error", () => undefined);
    this.socket.on("message", (data: Buffer) => this.#receive(new Uint8Array(data)));
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        for (const { reject } of this.#waiting.values()) reject(new Error(`closed: ${code} ${reason.toString()}`));
        this.#waiting.clear();
        this.#wakeAll();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  #receive(bytes: Uint8Array): void {
    const frame = expectSuccess(decodeServerFrame(bytes));
    if (frame.type === "push") {
      this.pushes.push(frame);
      this.#wakeAll();
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.type === "answer") waiting?.resolve(frame.answer);
    else waiting?.reject(new Refused(frame.code, frame.retryAfterMs));
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async request<Name extends FrameOperation>(operation: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>> {
    const id = this.#nextId++;
    const answer = await new Promise<unknown>((resolve, reject) => {
      if (this.socket.readyState > WebSocket.OPEN) reject(new Error("closed"));
      this.#waiting.set(id, { resolve, reject });
      this.socket.send(encodeRequest(id, operation, request));
    });
    return expectSuccess(readAnswer(operation, answer));
  }

  /** The code with which a request is refused. */
  async refusal<Name extends FrameOperation>(operation: Name, request: RequestOf<Name>): Promise<ErrorCode | "answered"> {
    try {
      await this.request(operation, request);
      return "answered";
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
  }

  /** Takes the next push of this name out of those that came or come. */
  async push<Name extends PushName>(name: Name, timeoutMs = 5_000): Promise<PushPayload<Name>> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const at = this.pushes.findIndex(({ push }) => push === name);
      const [found] = at < 0 ? [] : this.pushes.splice(at, 1);
      if (found !== undefined) return found.payload;
      const left = deadline - Date.now();
      if (left <= 0 || this.socket.readyState > WebSocket.OPEN) throw new Error(`no push ${name}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  close(): void {
    this.socket.close();
  }
}

export async function connect(
  address: string,
  kind: "account",
): Promise<{ connection: TestConnection; hello: PushPayload<"account.hello"> }>;
export async function connect(
  address: string,
  kind: "anonymous",
): Promise<{ connection: TestConnection; hello: PushPayload<"anonymous.hello"> }>;
export async function connect(
  address: string,
  kind: Connection,
): Promise<{ connection: TestConnection; hello: PushPayload<"account.hello" | "anonymous.hello"> }> {
  const connection = new TestConnection(address, kind);
  const hello = kind === "account" ? await connection.push("account.hello") : await connection.push("anonymous.hello");
  return { connection, hello };
}
