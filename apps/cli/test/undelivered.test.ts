/** Invitations that an inbox does not take. */
import { sentenceOf } from "@sotto/client";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish } from "../src/profile.ts";
import { showConversation } from "../src/show.ts";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

async function changeAccess(sql: string): Promise<void> {
  await world.stopServer();
  const accounts = new DatabaseSync(join(world.folder, "server", "accounts.db"));
  accounts.exec(sql);
  accounts.close();
  await world.startServer();
}

/** Ada's request for a new conversation, stored and not sent yet. */
async function begin(start: () => Promise<unknown>): Promise<void> {
  await start();
  ada.client.disconnect();
  expect((await ada.store.all("SELECT 1 FROM outbox WHERE kind = 'deliver'")).length).toBeGreaterThan(0);
}

test("an invitation with a contact token that counts no more goes as one of a stranger", async () => {
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello Bob");
  await soon(async () => void (await bob.conversation("ada")));
  await bob.client.accept((await bob.conversation("ada")).log);
  await settleAll(bob, ada);
  await ada.store.write([{ sql: "UPDATE contacts SET contact_token = zeroblob(32) WHERE username = 'bob'", parameters: [] }]);
  await ada.client.createGroup("Choir", [await ada.client.findPerson("bob")]);
  await soon(async () => void (await bob.conversation("Choir")));
  expect(await ada.conversation("Choir")).toMatchObject({ undelivered: [] });
});

test("who was not reached, and why, is shown until they are invited again or go, also after a restart", async () => {
  await bob.client.close();
  await begin(async () => ada.client.createGroup("Quartet", [await ada.client.findPerson("bob")]));
  await changeAccess("UPDATE account SET strangers = 0, contact = NULL");
  ada.client.connect();
  await ada.settle();
  await ada.restart();
  await ada.settle();
  const view = await ada.conversation("Quartet");
  expect(view).toMatchObject({ undelivered: [{ username: "bob", code: "inbox_closed" }], trouble: undefined });
  const shown = showConversation(ada.client, view);
  expect(shown.line).toContain(`@bob was not reached: ${sentenceOf("inbox_closed")}`);
  expect(shown.value["undelivered"]).toMatchObject([{ username: "bob", code: "inbox_closed" }]);
  await bob.open();
  bob.client.connect();
  await bob.settle();
  await changeAccess("UPDATE account SET strangers = 1");
  await settleAll(ada, bob);
  const people = [await ada.client.findPerson("bob")];
  await ada.client.remove(view.log, people);
  await ada.settle();
  expect(await ada.conversation("Quartet")).toMatchObject({ undelivered: [] });
  await ada.client.invite(view.log, people);
  await settleAll(ada);
  await soon(async () => void (await bob.conversation("Quartet")));
});

test("whoever writes to a person whom nothing reaches hears it", async () => {
  const cleo = await world.person("cleo");
  world.people.delete(cleo);
  await cleo.client.close();
  await begin(async () => ada.client.direct(await ada.client.findPerson("cleo")));
  await changeAccess("UPDATE account SET strangers = 0, contact = NULL");
  ada.client.connect();
  const { log } = await ada.conversation("cleo");
  await ada.client.sendText(log, "Hello Cleo");
  await expect(finish(ada.client, log)).rejects.toMatchObject({ code: "inbox_closed" });
});
