/** The recovery key is kept until its owner has seen it, and never shown once it is worth nothing. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, soon, World } from "./support/world.ts";

const world = new World();
beforeAll(() => world.startServer());
afterAll(() => world.end());

const again = ({ client, username }: Person): Promise<{ readonly recoveryKey: string }> => client.signUp({ username, timeoutMs: 20_000 });

async function secondDevice(person: Person, name: string): Promise<void> {
  await world.linked(person, name);
  await soon(async () => expect(await person.client.devices.list()).toHaveLength(2));
}

async function others({ client }: Person): ReturnType<Person["client"]["devices"]["list"]> {
  return (await client.devices.list()).filter(({ isThis }) => !isThis);
}

async function revokeOther(person: Person): Promise<string> {
  const [other] = await others(person);
  if (other === undefined) throw new Error("there is one device only");
  return (await person.client.devices.revoke(other.id)).recoveryKey;
}

test("a sign-up that dies before the key was shown shows it with the next one, and not after it was seen", async () => {
  const { person, recoveryKey } = await world.signUp("ada");
  await person.crash();
  expect(await again(person)).toEqual({ recoveryKey });
  await person.client.devices.recoveryKeySeen(recoveryKey);
  await expect(again(person)).rejects.toMatchObject({ code: "profile_exists" });
});

test("a removal that dies before the key was shown shows it when it is done again", async () => {
  const { person, recoveryKey: first } = await world.signUp("bob");
  await person.client.devices.recoveryKeySeen(first);
  await secondDevice(person, "laptop");
  const [laptop] = await others(person);
  const shown = await revokeOther(person);
  await person.crash();
  await person.settle();
  if (laptop === undefined) throw new Error("not linked");
  expect((await person.client.devices.revoke(laptop.id)).recoveryKey).toBe(shown);
});

test("a key from before a removal is not taken for the new one, seen or not", async () => {
  const { person, recoveryKey } = await world.signUp("cleo");
  await secondDevice(person, "laptop");
  const second = await revokeOther(person);
  expect(second).not.toBe(recoveryKey);
  await secondDevice(person, "tablet");
  const third = await revokeOther(person);
  expect(third).not.toBe(second);
  expect(await again(person)).toEqual({ recoveryKey: third });
});

test("a key that another device has replaced is not shown any more", async () => {
  const { person } = await world.signUp("dora");
  const laptop = await world.linked(person, "laptop");
  await world.linked(person, "tablet");
  await laptop.settle();
  const tablet = (await laptop.client.devices.list()).find(({ name }) => name === "tablet");
  if (tablet === undefined) throw new Error("not linked");
  await laptop.client.devices.revoke(tablet.id);
  await soon(async () => expect(again(person)).rejects.toMatchObject({ code: "profile_exists" }));
});
