/** Two people who write to each other for the first time at the same moment, and somebody who writes to a person whose request was declined. */
import { idToText } from "@sotto/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { conversationFor } from "../src/profile.ts";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
beforeAll(() => world.startServer());
afterAll(() => world.end());

const titles = async ({ client }: Person): Promise<string[]> => (await client.conversations()).map(({ title }) => title).toSorted();

test("first messages that cross: both have two conversations that can be told apart, and both write to the same one by name", async () => {
  const [ada, bob] = [await world.person("ada"), await world.person("bob")];
  const found = { bob: await ada.client.findPerson("bob"), ada: await bob.client.findPerson("ada") };
  const [adas, bobs] = [await ada.client.direct(found.bob), await bob.client.direct(found.ada)];
  await ada.client.sendText(adas, "from ada");
  await bob.client.sendText(bobs, "from bob");
  await settleAll(ada, bob);
  await soon(async () => {
    expect(await titles(ada)).toEqual(["bob", "bob (2)"]);
    expect(await titles(bob)).toEqual(["ada", "ada (2)"]);
  });
  const [toBob, toAda] = [await conversationFor(ada.client, "@bob"), await conversationFor(bob.client, "ada")];
  expect(idToText(toBob)).toBe(idToText(toAda));
  expect(idToText(await ada.client.direct(found.bob))).toBe(idToText(toBob));
  expect(idToText(await bob.client.direct(found.ada))).toBe(idToText(toBob));
  // The other one is not lost: it goes on by its number, whoever wrote there last.
  const other = await conversationFor(ada.client, "@bob (2)");
  expect([idToText(adas), idToText(bobs)].toSorted()).toEqual([idToText(toBob), idToText(other)].toSorted());
  await ada.client.sendText(other, "also here");
  await ada.client.sendText(toBob, "mainly here");
  await settleAll(ada, bob);
  await soon(async () => {
    expect(await bob.words("ada (2)")).toContain("also here");
    expect(await bob.words("ada")).toContain("mainly here");
  });
  await bob.restart();
  expect(await titles(bob)).toEqual(["ada", "ada (2)"]);
});

test("who declined a request and writes to that person later does so in the same conversation", async () => {
  const [cleo, dan] = [await world.person("cleo"), await world.person("dan")];
  const log = await cleo.client.direct(await cleo.client.findPerson("dan"));
  await cleo.client.sendText(log, "Do you sing?");
  await settleAll(cleo, dan);
  await soon(async () => expect(await dan.words("cleo")).toEqual(["Do you sing?"]));
  await dan.client.people.decline((await dan.only()).log);
  await cleo.client.sendText(log, "Or play?");
  await settleAll(cleo, dan);
  expect(await titles(dan)).toEqual([]);
  await dan.client.sendText(await dan.client.direct(await dan.client.findPerson("cleo")), "I do sing");
  await settleAll(dan, cleo);
  await soon(async () => {
    expect(await titles(cleo)).toEqual(["dan"]);
    expect(await cleo.words("dan")).toEqual(["Do you sing?", "Or play?", "I do sing"]);
    expect(await titles(dan)).toEqual(["cleo"]);
  });
});
