/** Conversations that somebody breaks go on by themselves, and nobody loses a word. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakLog, lockLog, stateOf } from "@sotto/client/testing/hostile";
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

describe("a member commits and keeps the tokens of the next epoch for themselves", () => {
  test("the others go on in another log, in that epoch", async () => {
    const { log } = await eve.conversation("Choir");
    const before = await ada.words("Choir");
    await lockLog(eve, log);
    await say(bob, "behind the lock");
    await allRead([...before, "behind the lock"], [ada, bob]);
    await say(ada, "me too");
    await allRead([...before, "behind the lock", "me too"], [ada, bob, eve]);
    expect((await stateOf(bob, log)).log).toEqual((await stateOf(ada, log)).log);
  });
});

describe("the server is set back to an older state", () => {
  test("in the same epoch: what it lost is sent again, and shown once", async () => {
    await settleAll(ada, bob, eve);
    const before = await ada.words("Choir");
    await world.copyServer();
    await say(ada, "lost by the server");
    await say(bob, "lost as well");
    await settleAll(ada, bob);
    await allRead([...before, "lost by the server", "lost as well"], [ada, bob]);
    await eve.client.close();
    await world.setServerBack();
    await say(ada, "after the loss");
    await allRead([...before, "lost by the server", "lost as well", "after the loss"], [ada, bob]);
    await eve.open();
    eve.client.connect();
    await allRead([...before, "lost by the server", "lost as well", "after the loss"]);
    expect(await bob.words("Choir")).toEqual(await ada.words("Choir"));
  });

  test("to an earlier epoch: those who are further go on together", async () => {
    await settleAll(ada, bob, eve);
    const before = await ada.words("Choir");
    await world.copyServer();
    const { log } = await ada.conversation("Choir");
    await ada.client.rename(log, "Chamber choir");
    for (const person of [ada, bob, eve]) await soon(async () => void (await person.conversation("Chamber choir")));
    await ada.client.sendText(log, "under the new name");
    await settleAll(ada, bob, eve);
    await world.setServerBack();
    await ada.client.sendText(log, "and after the loss");
    await soon(async () => {
      for (const person of [ada, bob, eve]) {
        expect((await person.words("Chamber choir")).toSorted()).toEqual(
          [...before, "under the new name", "and after the loss"].toSorted(),
        );
      }
    });
    await ada.client.rename(log, "Choir");
    for (const person of [ada, bob, eve]) await soon(async () => void (await person.conversation("Choir")));
  });
});

describe("a profile is put back to an older copy", () => {
  test("and has written since: it takes new keys before it writes again, and everything is read", async () => {
    await settleAll(ada, bob, eve);
    await bob.copyProfile();
    await say(bob, "bob, only on the disk that broke");
    await say(ada, "ada to bob");
    await settleAll(ada, bob, eve);
    const before = await ada.words("Choir");
    await bob.setProfileBack();
    await say(bob, "bob is back");
    bob.client.connect();
    await allRead([...before, "bob is back"], [ada, eve]);
    await soon(async () => expect(await bob.words("Choir")).toContain("ada to bob"));
  });

  test("and has committed since: it is let in again, with what it missed", async () => {
    await settleAll(ada, bob, eve);
    await bob.copyProfile();
    const { log } = await bob.conversation("Choir");
    await ada.client.rename(log, "Quartet");
    await soon(async () => void (await bob.conversation("Quartet")));
    await bob.client.sendText(log, "quartet it is");
    await bob.client.invite(log, [await bob.client.findPerson("dora")]).catch(() => undefined);
    await ada.client.sendText(log, "ada in the new epoch");
    await settleAll(ada, bob, eve);
    const before = await ada.words("Quartet");
    await bob.setProfileBack();
    await bob.client.sendText(log, "bob again");
    bob.client.connect();
    await soon(async () => {
      for (const person of [ada, bob, eve]) expect((await person.words("Quartet")).toSorted()).toEqual([...before, "bob again"].toSorted());
    });
  });
});

test("a device whose keys are a week old takes new ones, and the conversation goes on", async () => {
  const { log } = await ada.conversation("Quartet");
  await settleAll(ada, bob, eve);
  const before = await stateOf(ada, log);
  const keyOf = ({ mls }: typeof before) => mls.tree.leaf(before.mls.ownLeafIndex)?.encryptionKey;
  await ada.store.write([{ sql: "UPDATE places SET renewed_at = 1 WHERE log = ?", parameters: [log] }]);
  await ada.restart();
  await soon(async () => expect(keyOf(await stateOf(bob, log))).not.toEqual(keyOf(before)));
  await ada.client.sendText(log, "with new keys");
  await soon(async () => expect((await eve.words("Quartet")).at(-1)).toBe("with new keys"));
});
