/** Processes die between any two writes, and the server restarts: every message that was taken for sending arrives once, in order. */
import { afterAll, beforeAll, expect, test } from "vitest";
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
});
afterAll(() => world.end());

/** A write to the store that fails is a message that was never taken. */
async function trySend(person: Person, text: string, taken: string[]): Promise<void> {
  try {
    const { log } = await person.only();
    await person.client.sendText(log, text);
    taken.push(text);
  } catch (error) {
    if (!person.hasCrashed) throw error;
  }
}

test("one hundred crashes in a conversation", { timeout: 170_000 }, async () => {
  const taken: string[] = [];
  for (let i = 0; i < 50; i++) {
    await ada.crash(1 + ((i * 7) % 11));
    await bob.crash(1 + ((i * 5) % 13));
    for (let j = 0; j < 3; j++) {
      await trySend(ada, `ada ${i}.${j}`, taken);
      await trySend(bob, `bob ${i}.${j}`, taken);
    }
    if (i % 10 === 9) {
      await world.stopServer();
      await world.startServer();
    }
    await new Promise((resolve) => setTimeout(resolve, (i * 13) % 60));
  }
  await ada.crash();
  await bob.crash();
  await settleAll(ada, bob);
  await soon(async () => expect(await ada.words("bob")).toEqual(await bob.words("ada")));
  const words = await ada.words("bob");
  // A crash after the write and before its answer leaves a message that its writer does not know to be taken; none may be there twice.
  expect(new Set(words).size).toBe(words.length);
  for (const text of taken) expect(words).toContain(text);
  const order = (name: string): string[] => words.filter((text) => text.startsWith(name) && taken.includes(text));
  expect(order("ada ")).toEqual(taken.filter((text) => text.startsWith("ada ")));
  expect(order("bob ")).toEqual(taken.filter((text) => text.startsWith("bob ")));
  expect(taken.length).toBeGreaterThan(100);
});
