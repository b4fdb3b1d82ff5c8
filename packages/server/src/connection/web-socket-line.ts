/** A WebSocket as it carries a connection. Messages go past its own sender: whole frames, which stand between its pings as there is no compression. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { holdUntilTurnEnds } from "./corks.ts";
import type { Socket } from "./peer.ts";
import { wireFrame } from "./wire-frame.ts";

export class WebSocketLine implements Socket {
  readonly #socket: WebSocket;
  /** What the WebSocket runs on. */
  readonly #stream: Duplex;

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get OPEN(): number {
    return this.#socket.OPEN;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(payload: Uint8Array, _options: { readonly binary: true }, sent?: () => void): void {
    holdUntilTurnEnds(this.#stream);
    this.#stream.write(wireFrame(payload), sent);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  ping(): void {
    this.#socket.ping();
  }
}
