/** A command that is done ends at once: nothing that was put off keeps its process. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

test("a closed profile waits for nothing", async () => {
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello");
  await settleAll(ada, bob);
  for (const person of [ada, bob]) {
    await person.restart();
    await person.settle();
    expect(person.timersRunning).toBeGreaterThan(0);
    await person.client.close();
    expect(person.timersRunning).toBe(0);
    await person.open();
  }
});
