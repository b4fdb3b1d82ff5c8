/** Connections to a server as WebSockets, one kind each (spec/log.md §Connections). No compression: it would tell about what is encrypted. */
import { type Channel, type ChannelEvents, ClientError, type Transport } from "@sotto/client";
import { type Connection, CONNECTION_PATHS, type ErrorCode, isErrorCode, LIMITS, SUBPROTOCOL } from "@sotto/protocol";
import { WebSocket } from "ws";
import { watchSilence } from "./silence.ts";

const HANDSHAKE_MS = 15_000;

function asBytes(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  return Array.isArray(data) ? new Uint8Array(Buffer.concat(data)) : new Uint8Array(data);
}

/** What an answer other than the upgrade means: ours, of something in between, or of something else. */
function refusalOf(status: number): ErrorCode {
  if (status === 426) return "server_version";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "server_busy" : "server_foreign";
}

const CERTIFICATE = /CERT|ALTNAME|SIGNATURE|ISSUER/;

/** What an error of a socket means. Those without a code are of the handshake: no upgrade, another protocol, silence. */
function problemOf(error: Error): ErrorCode {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code.startsWith("WS_ERR_")) return "answer_invalid";
  if (CERTIFICATE.test(code)) return "server_untrusted";
  if (code.startsWith("HPE_")) return "server_foreign";
  if (code === "") return error.message.includes("timed out") ? "server_timeout" : "server_foreign";
  return "server_unreachable";
}

function open(address: string, kind: Connection, events: ChannelEvents): Channel {
  const url = `${address.replace(/^http/, "ws")}${CONNECTION_PATHS[kind]}`;
  const options = { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS, maxPayload: LIMITS.frameBytesMax };
  const socket = new WebSocket(url, SUBPROTOCOL, options);
  socket.on("open", events.onOpen);
  socket.on("message", (data, isBinary) => {
    if (isBinary) events.onFrame(asBytes(data));
    else {
      why = "answer_invalid";
      socket.terminate();
    }
  });
  let why: ErrorCode | undefined;
  watchSilence(socket, () => {
    why = "server_timeout";
    socket.terminate();
  });
  socket.on("unexpected-response", (_request, { statusCode = 0 }) => {
    why = refusalOf(statusCode);
    socket.terminate();
  });
  // The close event follows every error and is what counts.
  socket.on("error", (error) => {
    why ??= problemOf(error);
  });
  socket.on("close", (_code, reason) => {
    const said = reason.toString();
    events.onClosed(why ?? (isErrorCode(said) ? said : undefined));
  });
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close: () => socket.close(1000),
  };
}

/** `address` is `http://host:port` or `https://…`; throws `server_address_invalid` if it is neither. */
export function createTransport(address: string): Transport {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new ClientError("server_address_invalid");
  const { origin } = url;
  return { origin, open: (kind, events) => open(origin, kind, events) };
}
