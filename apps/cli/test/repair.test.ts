/** Conversations that somebody breaks go on by themselves, and nobody loses a word. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakLog, stateOf } from "@sotto/client/testing/hostile";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob, eve] = [await world.person("ada"), await world.person("bob"), await world.person("eve")];
  await ada.client.createGroup("Choir", [await ada.client.findPerson("bob"), await ada.client.findPerson("eve")]);
  for (const person of [bob, eve]) await soon(async () => void (await person.conversation("Choir")));
});
afterAll(() => world.end());

async function say(person: Person, text: string): Promise<void> {
  await person.client.sendText((await person.conversation("Choir")).log, text);
}

function allRead(expected: readonly string[], people: readonly Person[] = [ada, bob, eve]): Promise<void> {
  return soon(async () => {
    for (const person of people) expect((await person.words("Choir")).toSorted()).toEqual(expected.toSorted());
  });
}

describe("a member breaks the log with noise", () => {
  test("everybody goes on in the same other log, with the words that were on their way", async () => {
    await say(ada, "before");
    await allRead(["before"]);
    const { log } = await eve.conversation("Choir");
    const before = await stateOf(ada, log);
    await breakLog(eve, log);
    await Promise.all([say(ada, "ada in the break"), say(bob, "bob in the break")]);
    await allRead(["before", "ada in the break", "bob in the break"]);
    const [adas, bobs] = [await stateOf(ada, log), await stateOf(bob, log)];
    expect(adas.log).not.toEqual(before.log);
    expect(bobs.log).toEqual(adas.log);
    await settleAll(ada, bob, eve);
    expect(await ada.words("Choir")).toEqual(await bob.words("Choir"));
    for (const person of [ada, bob, eve]) expect(await person.conversation("Choir")).toMatchObject({ trouble: undefined, log });
  });

  test("the timeline is one, and members can come and go as before", async () => {
    const dora = await world.person("dora");
    const { log } = await ada.conversation("Choir");
    await ada.client.invite(log, [await ada.client.findPerson("dora")]);
    await soon(async () => void (await dora.conversation("Choir")));
    await say(dora, "hello from Dora");
    await soon(async () => expect((await bob.words("Choir")).at(-1)).toBe("hello from Dora"));
    expect(await bob.words("Choir")).toContain("before");
  });
});
