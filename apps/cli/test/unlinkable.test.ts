/** What a running server can put together from the connections of one device (spec/log.md §Connections). */
import { accountIdToText } from "@sotto/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { peopleIn } from "./support/frames.ts";
import { type Person, settleAll, World } from "./support/world.ts";

let world: World;

beforeEach(async () => {
  world = new World();
  await world.startServer();
});
afterEach(() => world.end());

const accountOf = (person: Person): string => {
  const me = person.client.whoAmI();
  if (me === undefined) throw new Error("no account");
  return accountIdToText(me.account);
};

it("asks for its own chain on the account connection alone", async () => {
  const ada = await world.person("ada");
  const bob = await world.person("bob");
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Good evening");
  await settleAll(ada, bob);
  await ada.client.devices.list();
  await bob.client.devices.list();

  for (const person of [ada, bob]) {
    const { connections } = person.frames;
    const chainsAsked = connections.flatMap((connection) => connection.asked.filter(({ operation }) => operation === "account.chain"));
    expect(chainsAsked.length).toBeGreaterThan(0);
    const named = connections
      .filter(({ kind }) => kind === "anonymous")
      .flatMap(({ asked }) => asked.filter((one) => peopleIn([one]).includes(accountOf(person))));
    expect(named.map(({ operation }) => operation)).toEqual([]);
  }
});
