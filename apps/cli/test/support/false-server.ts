/** Servers that are none, or broken ones: what a client may meet at an address. */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { encodePush } from "@sotto/protocol";
import { onTestFinished } from "vitest";

const KEY = /sec-websocket-key: (.*)\r\n/i;
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The answer to a WebSocket handshake (RFC 6455 §4.2.2). */
function upgrade(head: string, protocol = "sotto.v1"): string {
  const accept = createHash("sha1")
    .update(`${KEY.exec(head)?.[1] ?? ""}${MAGIC}`)
    .digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  return `${[...lines, `Sec-WebSocket-Protocol: ${protocol}`].join("\r\n")}\r\n\r\n`;
}

/** An unmasked frame of a server (RFC 6455 §5.2). */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length < 126 ? Buffer.from([payload.length]) : Buffer.from([126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, payload]);
}

const TEXT = 1;
const BINARY = 2;
const hello = (head: string, protocol = 1): Uint8Array => {
  const limits = { entryDaysKept: 30, blobDaysKept: 30, blobBytesMax: 1_000 };
  const open = { inviteRequired: false, paymentRequired: false, ...limits };
  const payload = { protocol, software: "false", time: 1_700_000_000_000, nonce: new Uint8Array(32), ...open };
  return head.includes("/v1/account") ? encodePush("account.hello", payload) : encodePush("anonymous.hello", { ...payload, nonce: null });
};

/** What each does with a request whose head has arrived. */
export const MISTAKES = {
  garbage: (socket: Socket) => void socket.end("\u0001\u0002 this is not HTTP\n"),
  silence: () => undefined,
  "hanging up": (socket: Socket) => void socket.destroy(),
  "a redirection": (socket: Socket) =>
    void socket.end("HTTP/1.1 301 Moved Permanently\r\nLocation: https://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"),
  "a web page": (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
  "another version": (socket: Socket) => void socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"),
  "a proxy without a server": (socket: Socket) => void socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
  "another subprotocol": (socket: Socket, head: string) => void socket.write(upgrade(head, "chat")),
  "frames of garbage": (socket: Socket, head: string) => {
    socket.write(upgrade(head));
    socket.write(frame(BINARY, Uint8Array.of(0xff, 0x00, 0x13)));
  },
  "frames of text": (socket: Socket, head: string) => {
    socket.write(upgrade(head));
    socket.write(frame(TEXT, Buffer.from("hello")));
  },
  "a frame of a gigabyte": (socket: Socket, head: string) => {
    socket.write(upgrade(head));
    socket.write(Buffer.from([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]));
  },
  "no greeting": (socket: Socket, head: string) => void socket.write(upgrade(head)),
  "a greeting of another version": (socket: Socket, head: string) => {
    socket.write(upgrade(head));
    socket.write(frame(BINARY, hello(head, 2)));
  },
  "a greeting and no answers": (socket: Socket, head: string) => {
    socket.write(upgrade(head));
    socket.write(frame(BINARY, hello(head)));
  },
} as const;

export type Mistake = keyof typeof MISTAKES;

/** Its address; it is gone after the test. */
export async function serveFalsely(mistake: Mistake): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let head = "";
    socket.on("data", (data) => {
      if (head.endsWith("\r\n\r\n")) return;
      head += data.toString("latin1");
      if (head.endsWith("\r\n\r\n")) MISTAKES[mistake](socket, head);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has one
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
