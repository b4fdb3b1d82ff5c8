/** Invitations after a server or a profile was set back to an older state. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

async function inviteBob(title: string): Promise<void> {
  await ada.client.createGroup(title, [await ada.client.findPerson("bob")]);
}

const isInvited = (title: string): Promise<void> => soon(async () => void (await bob.conversation(title)));

async function titles(): Promise<string[]> {
  return (await bob.client.conversations()).map(({ title }) => title).toSorted();
}

test("a server that was set back delivers the next invitations, with keys that the device still has", async () => {
  await inviteBob("Choir");
  await isInvited("Choir");
  await settleAll(ada, bob);
  await world.copyServer();
  await settleAll(ada, bob);
  for (const title of ["Quartet", "Trio"]) {
    await inviteBob(title);
    await isInvited(title);
  }
  await settleAll(ada, bob);
  await world.setServerBack();
  await settleAll(bob, ada);
  for (const title of ["Duo", "Solo"]) {
    await inviteBob(title);
    await isInvited(title);
  }
  expect(await titles()).toEqual(["Choir", "Duo", "Quartet", "Solo", "Trio"]);
});

test("one that went on meanwhile has items in places that the device has passed", async () => {
  await settleAll(ada, bob);
  await bob.client.close();
  await inviteBob("Orchestra");
  await settleAll(ada);
  await bob.open();
  await bob.store.write([{ sql: "UPDATE settings SET value = value + 1 WHERE key = 'inbox_next'", parameters: [] }]);
  bob.client.connect();
  await isInvited("Orchestra");
  await settleAll(bob);
  expect(await titles()).toContain("Orchestra");
});

test("what was taken before is passed over, and changes nothing", async () => {
  await settleAll(ada, bob);
  await bob.client.close();
  await inviteBob("Band");
  await settleAll(ada);
  await world.copyServer();
  await bob.open();
  bob.client.connect();
  await isInvited("Band");
  await settleAll(bob);
  const before = await titles();
  await world.setServerBack();
  await settleAll(ada, bob);
  await inviteBob("Ensemble");
  await isInvited("Ensemble");
  expect(await titles()).toEqual([...before, "Ensemble"].toSorted());
});

test("a profile that was set back takes what the server still has", async () => {
  await settleAll(ada, bob);
  await bob.copyProfile();
  await inviteBob("Chorus");
  await isInvited("Chorus");
  await settleAll(ada, bob);
  await bob.setProfileBack();
  bob.client.connect();
  await bob.settle();
  await inviteBob("Opera");
  await isInvited("Opera");
  expect(await titles()).toContain("Opera");
});

test("an invitation with a key package that is used up is asked for again, and nothing of the group is missed", async () => {
  await settleAll(ada, bob);
  const toBob = await ada.client.direct(await ada.client.findPerson("bob"));
  await ada.client.sendText(toBob, "Hello Bob");
  await soon(async () => void (await bob.conversation("ada")));
  await bob.client.sendText((await bob.conversation("ada")).log, "Hello Ada");
  await settleAll(bob, ada);
  await bob.store.write([{ sql: "DELETE FROM key_packages WHERE is_last_resort = 0", parameters: [] }]);
  await inviteBob("Nonet");
  await isInvited("Nonet");
  await settleAll(ada, bob, ada);
  await ada.client.sendText((await ada.conversation("Nonet")).log, "Welcome");
  await soon(async () => expect(await bob.words("Nonet")).toEqual(["Welcome"]));
  expect((await ada.client.members((await ada.conversation("Nonet")).log)).map(({ username }) => username)).toEqual(["ada", "bob"]);
  const kept = await bob.store.all("SELECT count(*) AS n FROM key_packages WHERE is_published = 1 AND is_last_resort = 0");
  expect(kept[0]?.["n"]).toBeGreaterThan(30);
});

test("a stranger whose invitation does not open hears nothing", async () => {
  const eve = await world.person("eve");
  await bob.settle();
  await bob.store.write([{ sql: "DELETE FROM key_packages WHERE is_last_resort = 0", parameters: [] }]);
  await eve.client.createGroup("Lottery", [await eve.client.findPerson("bob")]);
  await settleAll(eve, bob, eve);
  expect(await titles()).not.toContain("Lottery");
  expect(await bob.store.all("SELECT 1 FROM outbox")).toEqual([]);
  expect(await eve.store.all("SELECT 1 FROM inbox_taken")).toEqual([]);
});
