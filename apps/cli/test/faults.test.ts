/** A hostile or broken server cannot make the engine throw, lose or repeat anything. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Channel, Client, type ClientEvent, type Transport } from "@sotto/client";
import { createTransport, nodePorts, openStore } from "@sotto/client/node";
import { join } from "node:path";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "start");
  await soon(async () => {
    await bob.client.accept((await bob.conversation("ada")).log);
  });
});
afterAll(() => world.end());

/** Every frame from the server comes twice, and each tenth is followed by one that is cut short. */
function noisy(inner: Transport): Transport {
  let frames = 0;
  return {
    origin: inner.origin,
    open: (kind, events): Channel =>
      inner.open(kind, {
        ...events,
        onFrame: (frame) => {
          frames += 1;
          events.onFrame(frame);
          if (frame[1] === 3) events.onFrame(frame);
          if (frames % 10 === 0) events.onFrame(frame.subarray(0, frame.length - 1));
        },
      }),
  };
}

test("frames that come twice or cut short lose and repeat nothing", async () => {
  await bob.client.close();
  const store = openStore(join(world.folder, "bob", "profile.db"), { key: new Uint8Array(32).fill(5) });
  const ports = await nodePorts(store, world.address);
  const client = await Client.open({ ...ports, transport: noisy(createTransport(world.address)) });
  const failures: ClientEvent[] = [];
  client.on((event) => {
    if (event.kind === "failure") failures.push(event);
  });
  client.connect();
  const { log } = await ada.only();
  for (let i = 0; i < 30; i++) await ada.client.sendText(log, `noise ${i}`);
  await settleAll(ada);
  await soon(async () => {
    const [view] = await client.conversations();
    if (view === undefined) throw new Error("no conversation");
    const words = (await client.messages(view.log, { limit: 100 })).map(({ text }) => text).filter((text) => text.startsWith("noise"));
    expect(words).toEqual(Array.from({ length: 30 }, (_, i) => `noise ${i}`));
  });
  expect(failures).toEqual([]);
  await client.close();
  await bob.open();
});

test("what is written without a connection is sent once there is one", async () => {
  await world.stopServer();
  const { log } = await ada.only();
  await ada.client.sendText(log, "written in a tunnel");
  expect((await ada.messages("bob")).at(-1)?.state).toBe("sending");
  await world.startServer();
  await settleAll(ada);
  expect((await ada.messages("bob")).at(-1)).toMatchObject({ text: "written in a tunnel", state: "sent" });
});
