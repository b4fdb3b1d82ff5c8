/** A server that has gone without a word, while nobody asks it anything. */
import { createTransport } from "../node/transport.ts";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

const SILENCE_MS = 75_000;
const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "sotto.v1" });
await once(sockets, "listening");

afterAll(() => sockets.close());
beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

async function connected(): Promise<{ readonly server: WebSocket; readonly closed: Promise<string | undefined>; isClosed: () => boolean }> {
  const { port } = sockets.address() as AddressInfo;
  const arrived = once(sockets, "connection");
  let isClosed = false;
  let opened: () => void = () => undefined;
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const closed = new Promise<string | undefined>((resolve) => {
    createTransport(`http://127.0.0.1:${port}`).open("anonymous", {
      onOpen: opened,
      onFrame: () => undefined,
      onClosed: (why) => {
        isClosed = true;
        resolve(why);
      },
    });
  });
  const [server] = (await arrived) as [WebSocket];
  await open;
  return { server, closed, isClosed: () => isClosed };
}

test("a connection lives on pings, and ends when nothing comes any more", async () => {
  const { server, closed, isClosed } = await connected();
  for (let i = 0; i < 3; i++) {
    server.ping();
    await once(server, "pong");
    vi.advanceTimersByTime(SILENCE_MS);
  }
  expect(isClosed()).toBe(false);
  vi.advanceTimersByTime(SILENCE_MS);
  expect(await closed).toBe("server_timeout");
  expect(vi.getTimerCount()).toBe(0);
});

test("a connection that the server closes is watched no longer", async () => {
  const { server, closed } = await connected();
  server.close(1000);
  expect(await closed).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
