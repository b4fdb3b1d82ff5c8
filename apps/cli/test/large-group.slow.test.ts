/** A group whose ratchet tree and join info do not fit an inbox note any more. */
import type { LogId } from "@sotto/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const PEOPLE = 155;
const world = new World();
let ada: Person;
let last: Person;
let laptop: Person;
let log: LogId;

beforeAll(async () => {
  await world.startServer();
  ada = await world.person("ada");
  for (let number = 1; number < PEOPLE; number++) {
    const person = await world.person(`member${number}`);
    await person.client.close();
    world.people.delete(person);
  }
  last = await world.person("last");
  laptop = await world.linked(last, "laptop");
}, 180_000);
afterAll(() => world.end());

test(
  "the last one who is invited into a group of more than 150 devices reads what is written there, and answers",
  { timeout: 120_000 },
  async () => {
    const people = [];
    for (let number = 1; number < PEOPLE; number++) people.push(await ada.client.findPerson(`member${number}`));
    people.push(await ada.client.findPerson("last"));
    log = await ada.client.createGroup("Village", people);
    await ada.client.sendText(log, "Welcome, all of you");
    await settleAll(ada);
    await soon(async () => expect(await last.words("Village")).toEqual(["Welcome, all of you"]));
    await last.client.accept(log);
    await last.client.sendText(log, "Good to be here");
    await settleAll(last);
    await soon(async () => expect(await ada.words("Village")).toEqual(["Welcome, all of you", "Good to be here"]));
    expect(await last.client.members(log)).toHaveLength(PEOPLE + 1);
  },
);

test("and is let in again when the profile is put back to before a commit of its own", { timeout: 120_000 }, async () => {
  await settleAll(last, laptop);
  await last.copyProfile();
  const late = await world.person("late");
  await last.client.invite(log, [await last.client.findPerson("late")]);
  await settleAll(last, laptop);
  await soon(async () => void (await late.conversation("Village")));
  await ada.client.sendText(log, "Hello, late one");
  await settleAll(ada, laptop);
  await soon(async () => expect((await late.words("Village")).at(-1)).toBe("Hello, late one"));
  await last.setProfileBack();
  last.client.connect();
  await soon(async () => expect(await last.words("Village")).toEqual(await ada.words("Village")));
  await last.client.sendText(log, "Back again");
  await soon(async () => expect((await late.words("Village")).at(-1)).toBe("Back again"));
});
