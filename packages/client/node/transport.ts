/** Connections to a server as WebSockets, one kind each (spec/log.md §Connections). No compression: it would tell about what is encrypted. */
import type { Channel, ChannelEvents, Transport } from "@sotto/client";
import { type Connection, CONNECTION_PATHS, LIMITS, SUBPROTOCOL } from "@sotto/protocol";
import { WebSocket } from "ws";

const HANDSHAKE_MS = 15_000;

function asBytes(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  return Array.isArray(data) ? new Uint8Array(Buffer.concat(data)) : new Uint8Array(data);
}

function open(address: string, kind: Connection, events: ChannelEvents): Channel {
  const url = `${address.replace(/^http/, "ws")}${CONNECTION_PATHS[kind]}`;
  const options = { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS, maxPayload: LIMITS.frameBytesMax };
  const socket = new WebSocket(url, SUBPROTOCOL, options);
  socket.on("open", events.onOpen);
  socket.on("message", (data, isBinary) => {
    if (isBinary) events.onFrame(asBytes(data));
    else socket.terminate();
  });
  // The close event follows every error and is what counts.
  socket.on("error", () => undefined);
  socket.on("close", events.onClosed);
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close: () => socket.close(1000),
  };
}

/** `address` is `http://host:port` or `https://…`; throws if it is neither. */
export function createTransport(address: string): Transport {
  const { protocol, origin } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") throw new TypeError("The address of a server begins with http:// or https://.");
  return { origin, open: (kind, events) => open(origin, kind, events) };
}
