/** A conversation that somebody breaks again and again rests for a day, and then goes on by itself. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { breakLog } from "@sotto/client/testing/hostile";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const DAY_MS = 86_400_000;
const world = new World();
let ada: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob, eve] = [await world.person("ada"), await world.person("bob"), await world.person("eve")];
  await ada.client.createGroup("Choir", [await ada.client.findPerson("bob"), await ada.client.findPerson("eve")]);
  for (const person of [bob, eve]) await soon(async () => void (await person.conversation("Choir")));
  await settleAll(ada, bob, eve);
});
afterAll(() => world.end());

/** As if the conversation had moved so many times today. */
async function moveOften(person: Person, times: number): Promise<void> {
  const { log } = await person.conversation("Choir");
  const insert = "INSERT INTO anchors VALUES (?, ?, ?, 0, ?)";
  const parameters = () => [person.core.random(16), log, log, Date.now()];
  await person.store.write(Array.from({ length: times }, () => ({ sql: insert, parameters: parameters() })));
}

test("what is written meanwhile is kept, holds nothing else up, and arrives the next day", async () => {
  await moveOften(ada, 8);
  const { log } = await ada.conversation("Choir");
  await breakLog(eve, log);
  await soon(async () => expect((await ada.conversation("Choir")).trouble).toBe("conversation_disrupted"));
  await ada.client.sendText(log, "written while it rests");
  await ada.settle();
  await ada.restart();
  await ada.settle();
  expect(await ada.messages("Choir")).toMatchObject([{ text: "written while it rests", state: "sending" }]);
  expect(await ada.conversation("Choir")).toMatchObject({ trouble: "conversation_disrupted" });

  ada.aheadMs = DAY_MS + 60_000;
  await ada.restart();
  await soon(async () => expect(await bob.words("Choir")).toEqual(["written while it rests"]));
  await settleAll(ada, bob);
  expect(await ada.conversation("Choir")).toMatchObject({ trouble: undefined, log });
  await bob.client.sendText((await bob.conversation("Choir")).log, "welcome back");
  await soon(async () => expect((await ada.words("Choir")).at(-1)).toBe("welcome back"));
});
