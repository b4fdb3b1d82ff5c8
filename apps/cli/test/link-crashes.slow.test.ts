/** Linking is cut short between any two writes, on either side: trying again ends with one device, which is in everything. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { linkDevices, type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  bob = await world.person("bob");
});
afterAll(() => world.end());

async function friend(name: string): Promise<Person> {
  const person = await world.person(name);
  await person.client.sendText(await person.client.direct(await person.client.findPerson("bob")), `${name} says hello`);
  await settleAll(person, bob);
  await soon(async () => bob.client.accept((await bob.conversation(name)).log));
  return person;
}

/** As a person does: again with a new code, until this device is one of the account. */
async function linkAtLast(old: Person, device: Person, name: string): Promise<void> {
  for (let round = 0; device.client.whoAmI() === undefined; round++) {
    if (round === 3) throw new Error("never linked");
    await linkDevices(old, device, name);
  }
  device.client.connect();
  expect(await device.client.devices.isAdmitted(15_000)).toBe(true);
}

/** Nothing of an attempt is left but one device, and it talks. */
async function expectOne(old: Person, device: Person, count: number): Promise<void> {
  await settleAll(old, device);
  expect(await old.client.devices.list()).toHaveLength(count);
  await soon(async () => expect((await device.conversation("bob")).status).toBe("active"));
  const { log } = await device.conversation("bob");
  await device.client.sendText(log, `from ${device.profile}`);
  await settleAll(device, old);
  await soon(async () => expect((await bob.words(old.username)).at(-1)).toBe(`from ${device.profile}`));
  await soon(async () => expect((await old.words("bob")).filter((text) => text === `from ${device.profile}`)).toHaveLength(1));
}

test("the new device dies after any of its first writes", { timeout: 300_000 }, async () => {
  const ada = await friend("ada");
  for (let writes = 1; writes <= 8; writes++) {
    const device = await world.empty("ada", `new${writes}`);
    await device.client.close();
    await device.open(writes);
    await linkDevices(ada, device, "new").catch(() => undefined);
    await device.client.settled(1_500).catch(() => false);
    await device.crash(undefined, { connects: false });
    await linkAtLast(ada, device, "new");
    await expectOne(ada, device, writes + 1);
  }
  expect(await ada.client.devices.list()).toHaveLength(9);
});

test("the old device dies after any of its first writes", { timeout: 300_000 }, async () => {
  const cleo = await friend("cleo");
  for (let writes = 1; writes <= 8; writes++) {
    const device = await world.empty("cleo", `new${writes}`);
    await cleo.crash(writes);
    await linkDevices(cleo, device, "new").catch(() => undefined);
    await cleo.client.settled(1_500).catch(() => false);
    await cleo.crash();
    await cleo.settle();
    await linkAtLast(cleo, device, "new");
    await expectOne(cleo, device, writes + 1);
  }
  expect(await cleo.client.devices.list()).toHaveLength(9);
});
