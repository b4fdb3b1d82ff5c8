/** One connection of a load generator, over TLS. */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { StampReader } from "./stamp.ts";

export interface Line {
  /** Sends the message with this stamp to whom this line sends. */
  send(stamp: number): void;
  onStamp: (stamp: number) => void;
  close(): void;
}

/** Loopback has many addresses: each gives as many ports again, and counts apart where a server counts by address. */
const CONNECTIONS_PER_ADDRESS = 800;
const localAddress = (index: number): string => `127.0.0.${2 + Math.floor(index / CONNECTIONS_PER_ADDRESS)}`;

export async function openTcp(port: number, index: number): Promise<Socket> {
  const socket = connectTcp({ host: "127.0.0.1", port, localAddress: localAddress(index), noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** The certificate is made for the run; who the server is does not matter here. */
export async function secure(socket: Socket): Promise<TLSSocket> {
  const tls = connectTls({ socket, rejectUnauthorized: false });
  await once(tls, "secureConnect");
  return tls;
}

/** The conversation before the load begins: waits for texts in what comes. */
export class Talk {
  readonly #socket: Socket;
  #seen = "";
  #wake: () => void = () => undefined;
  readonly #listen = (chunk: Buffer): void => {
    this.#seen += chunk.toString("latin1");
    this.#wake();
  };
  readonly #end = (): void => {
    this.#seen += "\0closed";
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#listen);
    socket.on("close", this.#end);
    socket.on("error", () => undefined);
  }

  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.#seen.indexOf(text);
      if (at >= 0) {
        this.#seen = this.#seen.slice(at + text.length);
        return;
      }
      if (this.#seen.includes("\0closed")) throw new Error(`closed while waiting for ${text}, after ${this.#seen.slice(-300)}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`waited for ${text} in vain, got ${this.#seen.slice(-300)}`)), 60_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  say(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  stop(): void {
    this.#socket.off("data", this.#listen);
    this.#socket.off("close", this.#end);
  }
}

/** The line once it is set up: from now on only stamps are looked for. */
export function workingLine(socket: Socket, talk: Talk, frame: (stamp: number) => Uint8Array): Line {
  talk.stop();
  const line: Line = {
    send: (stamp) => void socket.write(frame(stamp)),
    onStamp: () => undefined,
    close: () => socket.destroy(),
  };
  // A server that lets go of somebody would look quicker.
  socket.once("close", () => {
    console.error("the server ended a connection");
    process.exit(1);
  });
  const reader = new StampReader((stamp) => line.onStamp(stamp));
  socket.on("data", (chunk: Buffer) => reader.read(chunk));
  return line;
}
