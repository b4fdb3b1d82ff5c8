/** A disk that is full for a moment: what came meanwhile is not lost. */
import type { Statement } from "@sotto/client";
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

/** Fails the next writes that match, as many as there are, and says how many failed. */
function refuseNext(person: Person, times: number, isMeant: (statement: Statement) => boolean): () => number {
  let refused = 0;
  person.store.refuses = (batch) => {
    if (refused === times || !batch.some(isMeant)) return false;
    refused += 1;
    return true;
  };
  return () => refused;
}

test("an invitation that cannot be stored is taken later, and so is the one behind it", async () => {
  await bob.client.close();
  const to = [await ada.client.findPerson("bob")];
  await ada.client.createGroup("Choir", to);
  await ada.client.createGroup("Quartet", to);
  await settleAll(ada);
  await bob.open();
  const refused = refuseNext(bob, 1, ({ parameters }) => parameters.includes("Choir"));
  bob.client.connect();
  for (const title of ["Choir", "Quartet"]) await soon(async () => void (await bob.conversation(title)));
  expect(refused()).toBe(1);
  await settleAll(bob);
});

test("a message that cannot be stored is not taken for read: who waits for everything waits for it", async () => {
  await bob.client.accept((await bob.conversation("Choir")).log);
  await settleAll(ada, bob);
  const refused = refuseNext(bob, 1, ({ sql }) => sql.startsWith("UPDATE conversations SET cursor"));
  await ada.client.sendText((await ada.conversation("Choir")).log, "to a full disk");
  await soon(() => Promise.resolve(expect(refused()).toBe(1)));
  await bob.settle();
  expect(await bob.words("Choir")).toEqual(["to a full disk"]);
  await ada.client.sendText((await ada.conversation("Choir")).log, "and after");
  await soon(async () => expect(await bob.words("Choir")).toEqual(["to a full disk", "and after"]));
});
