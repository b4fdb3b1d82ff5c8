/**
 * HTTP to one server, for files (spec/blobs.md §Operations). No cookies, no agent name, no compression; redirections are not followed. The address is
 * that of the anonymous connection, and connections are shared with nothing else.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as SecureAgent, request as httpsRequest } from "node:https";
import type { HttpAnswer, HttpExchange, HttpPort, HttpRequest } from "@sotto/client";

const HEADER_BYTES_MAX = 16 * 1024;

/** Until there is room for more, or nobody to send it to. */
function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      request.off("drain", end);
      request.off("close", end);
      resolve();
    };
    request.on("drain", end);
    request.on("close", end);
  });
}

async function write(to: ClientRequest, body: Iterable<Uint8Array>): Promise<void> {
  for (const piece of body) {
    if (to.destroyed) return;
    if (!to.write(piece)) await drained(to);
  }
  to.end();
}

function answerOf(message: IncomingMessage): HttpAnswer {
  const header = (name: string): string | undefined => {
    const value = message.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  return { status: message.statusCode ?? 0, header, body: message };
}

/** `address` is `http://host:port` or `https://…`; throws if it is neither. */
export function createHttp(address: string): HttpPort {
  const base = new URL(address);
  if (base.protocol !== "http:" && base.protocol !== "https:")
    throw new TypeError("The address of a server begins with http:// or https://.");
  const isSecure = base.protocol === "https:";
  const agent = isSecure ? new SecureAgent({ keepAlive: true, maxSockets: 4 }) : new Agent({ keepAlive: true, maxSockets: 4 });
  const send = isSecure ? httpsRequest : httpRequest;
  return {
    send: ({ method, path, headers, length, body }: HttpRequest): HttpExchange => {
      const hasBody = method === "POST" || method === "PATCH";
      const options = { method, agent, maxHeaderSize: HEADER_BYTES_MAX };
      const request = send(new URL(path, base.origin), {
        ...options,
        headers: hasBody ? { ...headers, "content-length": String(length) } : headers,
      });
      const answer = new Promise<HttpAnswer>((resolve, reject) => {
        request.once("response", (message) => resolve(answerOf(message)));
        // Errors after the answer reach who reads its body; here they only must not go unheard.
        request.on("error", reject);
        request.once("close", () => reject(new Error("closed")));
        write(request, body).catch(reject);
      });
      return { answer, abort: () => void request.destroy() };
    },
  };
}
