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
