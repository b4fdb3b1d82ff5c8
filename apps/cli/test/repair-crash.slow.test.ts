/** A device that dies between any two writes while its conversation is moved to another log finds the same break again, and loses nothing. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { breakLog } from "@sotto/client/testing/hostile";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "start");
  await settleAll(ada, bob);
  await soon(async () => {
    await bob.client.accept((await bob.conversation("ada")).log);
  });
  await settleAll(bob, ada);
});
afterAll(() => world.end());

test.each([1, 2, 3, 4, 5, 6, 7])("at write %i", { timeout: 60_000 }, async (writes) => {
  // Each time a day later, as far as the limit on moves is concerned.
  for (const person of [ada, bob]) await person.store.write([{ sql: "UPDATE anchors SET at = 0", parameters: [] }]);
  const { log } = await bob.only();
  const before = await bob.words("ada");
  await breakLog(bob, log);
  await ada.crash(writes);
  await bob.client.sendText(log, `bob ${writes}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await ada.crash();
  await ada.client.sendText((await ada.only()).log, `ada ${writes}`);
  const expected = [...before, `bob ${writes}`, `ada ${writes}`].toSorted();
  await soon(async () => {
    for (const [person, title] of [
      [ada, "bob"],
      [bob, "ada"],
    ] as const)
      expect((await person.words(title)).toSorted()).toEqual(expected);
  });
});
