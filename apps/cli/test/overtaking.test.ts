/** Answers that come after what they announce, and people who come back. */
import { join } from "node:path";
import { type Channel, Client, type Transport } from "@sotto/client";
import { createTransport, nodePorts, openStore } from "@sotto/client/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_KEY } from "./support/keys.ts";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

/** Each answer is held back for a while; pushes are not. */
function overtaken(inner: Transport): Transport {
  return {
    origin: inner.origin,
    open: (kind, events): Channel =>
      inner.open(kind, {
        ...events,
        onFrame: (frame) => {
          if (frame[1] === 3) events.onFrame(frame);
          else setTimeout(() => events.onFrame(frame), 40);
        },
      }),
  };
}

test("the end of an epoch may come before the answer to the subscription that it ends", async () => {
  const log = await ada.client.createGroup("Choir", [await ada.client.findPerson("bob")]);
  await settleAll(ada, bob);
  await bob.client.close();
  await ada.client.sendText(log, "before");
  await ada.client.rename(log, "Great choir");
  await ada.client.sendText(log, "after");
  await settleAll(ada);
  const store = openStore(join(world.folder, "bob", "profile.db"), { key: TEST_KEY });
  const ports = await nodePorts(store, world.address);
  const client = await Client.open({ ...ports, transport: overtaken(createTransport(world.address)) });
  client.connect();
  await soon(async () => {
    const texts = (await client.messages(log)).filter(({ kind }) => kind === "text").map(({ text }) => text);
    expect(texts).toEqual(["before", "after"]);
  });
  await client.close();
  await bob.open();
});

test("who was put out and comes back finds the present title, and what could not be sent says so", async () => {
  const log = await ada.client.createGroup("Quartet", [await ada.client.findPerson("bob")]);
  await settleAll(ada);
  bob.client.connect();
  await settleAll(bob);
  bob.client.disconnect();
  await bob.client.sendText(log, "into the wind");
  await ada.client.remove(log, [await ada.client.findPerson("bob")]);
  await ada.client.rename(log, "Trio");
  await settleAll(ada);
  bob.client.connect();
  await settleAll(bob);
  expect((await bob.messages("Quartet")).map(({ text, state }) => [text, state])).toEqual([["into the wind", "failed"]]);
  await expect(bob.client.leave(log)).rejects.toMatchObject({ code: "conversation_inactive" });
  await ada.client.invite(log, [await ada.client.findPerson("bob")]);
  await settleAll(ada, bob);
  await soon(async () => expect([...(await bob.conversation("Trio")).log]).toEqual([...log]));
});

test("a wish to leave is not lost with the epoch in which it was said", async () => {
  const log = await bob.client.createGroup("Duo", [await bob.client.findPerson("ada")]);
  await settleAll(bob, ada);
  await soon(async () => expect((await ada.conversation("Duo")).log).toBeDefined());
  ada.client.disconnect();
  await bob.client.leave(log);
  await bob.client.rename(log, "Solo");
  await settleAll(bob);
  ada.client.connect();
  await settleAll(ada, bob);
  await soon(async () => expect((await bob.conversation("Solo")).status).toBe("left"));
  expect((await ada.client.members(log)).map(({ username }) => username)).toEqual(["ada"]);
});
