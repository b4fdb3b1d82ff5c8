/** What one does in a conversation answers its request, whatever it is. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const HOUR = 3_600;
const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

test("who lets the messages of a request disappear has answered it", async () => {
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello Bob");
  await soon(async () => void (await bob.conversation("ada")));
  const { log, status } = await bob.conversation("ada");
  expect(status).toBe("request");
  await bob.client.groups.setTimer(log, HOUR);
  expect(await bob.conversation("ada")).toMatchObject({ status: "active" });
  await settleAll(bob, ada, bob);
  expect(await ada.conversation("bob")).toMatchObject({ timerSeconds: HOUR });
  expect(await ada.messages("bob")).toMatchObject([{ text: "Hello Bob", state: "delivered" }]);
});

test("nothing is changed in the conversation with a person whom one blocked", async () => {
  const { log, peer } = await bob.conversation("ada");
  if (peer === undefined) throw new Error("no peer");
  await bob.client.people.block(peer);
  await expect(bob.client.groups.setTimer(log, 0)).rejects.toMatchObject({ code: "person_blocked" });
  await bob.client.people.unblock(peer);
  await settleAll(bob, ada);
  expect(await ada.conversation("bob")).toMatchObject({ timerSeconds: HOUR });
});
