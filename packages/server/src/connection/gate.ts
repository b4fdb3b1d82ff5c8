/**
 * Lets WebSockets in (spec/log.md §Connections): path and subprotocol, limits on their number, and pings that find dead ones. A
 * reader who sends half a frame and nothing more does not answer pings either, and goes.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type Connection, CONNECTION_PATHS, LIMITS, SUBPROTOCOL } from "@sotto/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import type { Settings } from "../options.ts";
import { addressOf } from "./address.ts";
import { CLOSE, type Peer } from "./peer.ts";
import type { Reception } from "./reception.ts";
import { WebSocketLine } from "./web-socket-line.ts";

export type GateOptions = {
  readonly settings: Settings;
  readonly reception: Reception;
};

export class Gate {
  readonly #options: GateOptions;
  readonly #peers = new Set<Peer>();
  readonly #perAddress = new Map<string, number>();
  readonly #sockets: WebSocketServer;
  readonly #pings: NodeJS.Timeout;

  constructor(server: Server, options: GateOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: LIMITS.frameBytesMax,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade({ request, socket, head }));
    this.#pings = setInterval(() => this.#ping(), options.settings.limits.pingEveryMs).unref();
  }

  count(kind: Connection): number {
    let count = 0;
    for (const peer of this.#peers) if (peer.kind === kind) count++;
    return count;
  }

  #upgrade({ request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }): void {
    socket.on("error", () => socket.destroy());
    const kind = kindOf(request.url ?? "");
    const address = addressOf(request, this.#options.settings.trustProxy);
    const { connectionsMax, connectionsPerAddressMax } = this.#options.settings.limits;
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    const status =
      kind === undefined
        ? "404 Not Found"
        : !offered.includes(SUBPROTOCOL)
          ? "426 Upgrade Required"
          : this.#peers.size >= connectionsMax
            ? "503 Service Unavailable"
            : (this.#perAddress.get(address) ?? 0) >= connectionsPerAddressMax
              ? "429 Too Many Requests"
              : undefined;
    if (kind === undefined || status !== undefined) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket, { stream: socket, kind, address }));
  }

  #welcome(socket: WebSocket, from: { readonly stream: Duplex; readonly kind: Connection; readonly address: string }): void {
    const { stream, kind, address } = from;
    const { reception } = this.#options;
    const peer = reception.welcome(new WebSocketLine(socket, stream), { kind, address });
    this.#peers.add(peer);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.on("message", (data, isBinary) => {
      if (!isBinary || !Buffer.isBuffer(data)) peer.close(CLOSE.frame, "frame_unknown");
      else reception.receive(peer, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    socket.on("pong", () => {
      peer.isAlive = true;
    });
    // ws has closed the connection by then: a frame that is too large or breaks RFC 6455.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#peers.delete(peer);
      this.#leave(address);
      reception.leave(peer);
    });
  }

  #leave(address: string): void {
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  #ping(): void {
    for (const peer of this.#peers) {
      if (peer.isAlive) peer.ping();
      else peer.terminate();
    }
  }

  /** Ends all connections; those that do not answer within a moment are cut. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    for (const peer of this.#peers) peer.close(CLOSE.goingAway, "server_stopping");
    const deadline = Date.now() + 500;
    while (this.#peers.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const peer of this.#peers) peer.terminate();
    this.#sockets.close();
  }
}

function kindOf(url: string): Connection | undefined {
  const [path] = url.split("?");
  if (path === CONNECTION_PATHS.account) return "account";
  return path === CONNECTION_PATHS.anonymous ? "anonymous" : undefined;
}
