/** A connection that is dead although nobody has said so. */
import { encodeAnswer, encodePush, expectSuccess, type Hello, parseAddress } from "@sotto/protocol";
import { expect, test } from "vitest";
import { Line } from "../src/net/line.ts";
import type { ChannelEvents } from "../src/ports.ts";

const HELLO: Hello = {
  protocol: 1,
  software: "test",
  time: 1,
  nonce: null,
  inviteRequired: false,
  paymentRequired: false,
  entryDaysKept: 30,
  blobDaysKept: 30,
  blobBytesMax: 1,
};
const LOOKUP = { username: expectSuccess(parseAddress("ada")).username };

type Timer = { readonly at: number; readonly call: () => void };

/** A server of which each connection greets, and a clock that a test turns. */
class FakeServer {
  readonly channels: { readonly events: ChannelEvents; readonly sent: Uint8Array[]; isClosed: boolean }[] = [];
  #now = 0;
  #timers: Timer[] = [];
  lost = 0;
  readonly line = new Line(
    {
      transport: {
        origin: "http://server.test",
        open: (_kind, events) => {
          const channel = { events, sent: new Array<Uint8Array>(), isClosed: false };
          this.channels.push(channel);
          return {
            send: (frame) => channel.sent.push(frame),
            close: () => {
              channel.isClosed = true;
            },
          };
        },
      },
      clock: {
        now: () => this.#now,
        after: (delayMs, call) => {
          const timer = { at: this.#now + delayMs, call };
          this.#timers.push(timer);
          return () => {
            this.#timers = this.#timers.filter((other) => other !== timer);
          };
        },
      },
      random: (length) => new Uint8Array(length),
    },
    "anonymous",
    {
      onHello: () => Promise.resolve(true),
      onReady: () => undefined,
      onPush: () => undefined,
      onLost: () => {
        this.lost += 1;
      },
    },
  );

  async greet(at: number): Promise<void> {
    this.channels[at]?.events.onOpen();
    this.channels[at]?.events.onFrame(encodePush("anonymous.hello", HELLO));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { call } of due) call();
  }
}

test("a connection that says nothing while an answer is due is closed and made anew", async () => {
  const server = new FakeServer();
  server.line.start();
  await server.greet(0);
  expect(server.line.isReady).toBe(true);
  const [first, second] = [server.line.ask("directory.lookup", LOOKUP), server.line.ask("directory.lookup", LOOKUP)];
  server.pass(20_000);
  expect(await first).toMatchObject({ ok: false, code: "server_timeout" });
  expect(await second).toMatchObject({ ok: false });
  expect(server.channels[0]?.isClosed).toBe(true);
  expect([server.lost, server.line.isReady, server.line.trouble]).toEqual([1, false, "server_timeout"]);
  server.pass(30_000);
  await server.greet(1);
  expect([server.line.isReady, server.line.trouble]).toEqual([true, undefined]);
  server.channels[0]?.events.onClosed();
  expect(server.line.isReady).toBe(true);
});

test("one on which something else came meanwhile stays: only that answer is late", async () => {
  const server = new FakeServer();
  server.line.start();
  await server.greet(0);
  const late = server.line.ask("directory.lookup", LOOKUP);
  server.pass(10_000);
  const other = server.line.ask("log.unsubscribe", { log: new Uint8Array(16) as never });
  server.channels[0]?.events.onFrame(encodeAnswer(2, "log.unsubscribe", {}));
  expect(await other).toMatchObject({ ok: true });
  server.pass(10_000);
  expect(await late).toMatchObject({ ok: false, code: "server_timeout" });
  expect([server.channels[0]?.isClosed, server.line.isReady]).toEqual([false, true]);
});
