/** A server that was set back hands out key packages that are used up: until they are replaced, this device is not ready for anybody. */
import { nodePorts, openStore } from "@sotto/client/node";
import { failure, success } from "@sotto/protocol";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Client } from "../src/client.ts";
import { Engine } from "../src/engine.ts";
import { Line } from "../src/net/line.ts";
import { setting } from "../src/store/statements.ts";
import { InboxFeed } from "../src/sync/inbox-feed.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-inbox-"));
const store = openStore(join(folder, "profile.db"), { key: new Uint8Array(32).fill(3) });
const ports = await nodePorts(store, "http://127.0.0.1:1");
await Client.open(ports);
const engine = new Engine(ports);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Answers as a server that has lost all of an inbox. */
class SetBackLine extends Line {
  readonly asked: string[] = [];
  onQuotas: () => void = () => undefined;

  constructor() {
    const nothing = (): void => undefined;
    super(ports, "account", { onHello: () => Promise.resolve(true), onReady: nothing, onPush: nothing, onLost: nothing });
  }

  override ask(operation: string): Promise<never> {
    this.asked.push(operation);
    if (operation === "account.quotas") this.onQuotas();
    const answer = operation === "inbox.subscribe" ? success({ first: 1, head: 0 }) : failure("server_busy");
    return Promise.resolve(answer as never);
  }
}

test("an inbox is not live before the key packages were looked after, whatever the server pushes meanwhile", async () => {
  await store.write([setting("inbox_next", 9)]);
  const nothing = (): void => undefined;
  const events = { onJoined: nothing, onIdle: nothing, onQueued: nothing, onAsked: nothing };
  const never = { onNote: () => Promise.resolve([]), onHistory: () => Promise.resolve() };
  const feed = new InboxFeed(engine, { ...events, ...never });
  const line = new SetBackLine();
  let wasLive: boolean | undefined;
  line.onQuotas = () => {
    feed.live();
    wasLive = feed.isLive;
  };
  await feed.start(line);
  expect(line.asked).toEqual(["inbox.subscribe", "account.quotas", "inbox.subscribe"]);
  expect(wasLive).toBe(false);
  expect(feed.isLive).toBe(false);
  feed.live();
  expect(feed.isLive).toBe(true);
});
