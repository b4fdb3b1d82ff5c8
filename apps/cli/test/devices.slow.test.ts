/** People with several devices: linking, conversations on all of them, what they share, and devices that go. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let adaLaptop: Person;
let bob: Person;
let bobLaptop: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

describe("two people, two devices each", () => {
  test("Ada talks with Bob, then links her laptop, and it is in their conversation", async () => {
    const log = await ada.client.direct(await ada.client.findPerson("bob"));
    await ada.client.sendText(log, "Hello from the phone");
    await settleAll(ada, bob);
    await soon(async () => bob.client.accept((await bob.conversation("ada")).log));
    await settleAll(bob, ada);
    const dates = async () => [(await ada.conversation("bob")).updatedAt, (await bob.conversation("ada")).updatedAt];
    const before = await dates();
    adaLaptop = await world.linked(ada, "laptop");
    await soon(async () => expect((await adaLaptop.conversation("bob")).status).toBe("active"));
    await settleAll(ada, bob);
    // A device that came is no news: the conversation stays where it is in the list.
    expect(await dates()).toEqual(before);
    await adaLaptop.client.sendText(log, "Hello from the laptop");
    await settleAll(adaLaptop, ada, bob);
    await soon(async () => {
      expect(await bob.words("ada")).toEqual(["Hello from the phone", "Hello from the laptop"]);
      expect(await ada.words("bob")).toEqual(["Hello from the phone", "Hello from the laptop"]);
      expect((await ada.messages("bob"))[1]).toMatchObject({ state: "delivered", senderName: "ada" });
    });
  });

  test("all four devices write at once, and all have every message once, in the same order", async () => {
    bobLaptop = await world.linked(bob, "laptop");
    await soon(async () => expect((await bobLaptop.conversation("ada")).status).toBe("active"));
    const everybody = [ada, adaLaptop, bob, bobLaptop];
    const { log } = await ada.conversation("bob");
    const texts = everybody.flatMap(({ profile }) => [1, 2, 3, 4, 5].map((i) => `${profile} ${i}`));
    await Promise.all(
      everybody.map(async ({ client, profile }) => {
        for (let i = 1; i <= 5; i++) await client.sendText(log, `${profile} ${i}`);
      }),
    );
    await settleAll(...everybody);
    await soon(async () => {
      const words = (await ada.words("bob")).slice(2);
      expect(words.toSorted()).toEqual(texts.toSorted());
      expect((await adaLaptop.words("bob")).slice(-20)).toEqual(words);
      expect((await bob.words("ada")).slice(2)).toEqual(words);
      expect(await bobLaptop.words("ada")).toEqual(words);
    });
  });

  test("what was read on one device is read on the other, and a reaction or a change shows on both", async () => {
    await soon(async () => expect((await adaLaptop.conversation("bob")).unread).toBeGreaterThan(0));
    const { log } = await ada.conversation("bob");
    await ada.client.markRead(log);
    await settleAll(ada, adaLaptop, bob);
    await soon(async () => expect((await adaLaptop.conversation("bob")).unread).toBe(0));
    const own = (await adaLaptop.messages("bob")).find(({ text }) => text === "ada 5");
    if (own?.messageId === undefined) throw new Error("not there");
    await adaLaptop.client.sendText(log, "ada five", { replaces: own.messageId });
    await bobLaptop.client.react(log, own.messageId, "🌿");
    await settleAll(adaLaptop, bobLaptop);
    for (const [device, title] of [
      [ada, "bob"],
      [bob, "ada"],
    ] as const) {
      await soon(async () => {
        const changed = (await device.messages(title)).find(({ text }) => text === "ada five");
        expect(changed?.reactions.map(({ emoji }) => emoji)).toEqual(["🌿"]);
      });
    }
  });

  test("a conversation that begins on the laptop is on the phone, with its name; a request that is accepted on one is accepted on both", async () => {
    const cleo = await world.person("cleo");
    const log = await adaLaptop.client.direct(await adaLaptop.client.findPerson("cleo"));
    await adaLaptop.client.sendText(log, "Cleo?");
    await settleAll(adaLaptop, ada, cleo);
    await soon(async () => expect(await ada.words("cleo")).toEqual(["Cleo?"]));
    await soon(async () => cleo.client.accept((await cleo.conversation("ada")).log));
    const toBob = await cleo.client.direct(await cleo.client.findPerson("bob"));
    await cleo.client.sendText(toBob, "Bob!");
    await settleAll(cleo);
    await soon(async () => expect((await bob.conversation("cleo")).status).toBe("request"));
    await soon(async () => expect((await bobLaptop.conversation("cleo")).status).toBe("request"));
    await bobLaptop.client.accept(toBob);
    await settleAll(bobLaptop, bob);
    await soon(async () => expect((await bob.conversation("cleo")).status).toBe("active"));
  });

  test("settings that one device shares are on the other", async () => {
    const names = async (device: Person): Promise<string[]> => (await device.client.devices.list()).map(({ name }) => name);
    await soon(async () => expect(await names(ada)).toEqual(["", "laptop"]));
    await soon(async () => expect(await names(adaLaptop)).toEqual(["", "laptop"]));
  });
});

describe("a person who remembers what they linked", () => {
  test("is told of a device that came, once, on the others, and not of one that was linked right there", async () => {
    const isTold = async (device: Person): Promise<string[]> => (await device.client.devices.news()).map(({ name }) => name);
    const tablet = await world.linked(ada, "tablet");
    await soon(async () => expect(await isTold(adaLaptop)).toEqual(["tablet"]));
    expect(await isTold(ada)).toEqual([]);
    expect(await isTold(tablet)).toEqual([]);
    await adaLaptop.client.devices.newsTold();
    expect(await isTold(adaLaptop)).toEqual([]);
  });

  test("and changes the same setting on two devices at once: both end with the same", async () => {
    const { log } = await ada.conversation("bob");
    for (let i = 0; i < 5; i++) {
      await Promise.all([
        ada.client.preferences.setDraft(log, { text: `phone ${i}`, replyTo: undefined }),
        adaLaptop.client.preferences.setDraft(log, { text: `laptop ${i}`, replyTo: undefined }),
      ]);
      await settleAll(ada, adaLaptop);
    }
    await soon(async () => {
      const [here, there] = [(await ada.conversation("bob")).draft, (await adaLaptop.conversation("bob")).draft];
      expect(here).toMatch(/4$/);
      expect(there).toBe(here);
    });
  });
});
