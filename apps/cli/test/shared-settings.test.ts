/** What a person sets on one device counts on the others, also on one that comes later. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let laptop: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
  await bob.client.sendText(await bob.client.direct(await bob.client.findPerson("ada")), "Hello");
  await settleAll(bob);
  await soon(async () => ada.client.accept((await ada.conversation("bob")).log));
  await settleAll(ada, bob);
});
afterAll(() => world.end());

test("what was set before a device came is there when it comes", async () => {
  const { log } = await ada.conversation("bob");
  await ada.client.preferences.pin(log, true);
  const replyTo = (await ada.messages("bob")).at(-1)?.messageId;
  expect(replyTo).toBeInstanceOf(Uint8Array);
  await ada.client.preferences.setDraft(log, { text: "half a thought", replyTo: undefined });
  await ada.client.preferences.setDraft(log, { text: "half a thought", replyTo });
  await ada.client.preferences.turn("receipts", false);
  await settleAll(ada);
  laptop = await world.linked(ada, "laptop");
  await soon(async () => {
    await settleAll(ada, laptop);
    expect(await laptop.conversation("bob")).toMatchObject({ isPinned: true, draft: "half a thought" });
    expect(await laptop.client.preferences.isOn("receipts")).toBe(false);
    expect(await laptop.client.preferences.draft((await laptop.conversation("bob")).log)).toEqual({ text: "half a thought", replyTo });
  });
});

test("what is set afterwards counts on both, and a draft that is sent is gone on both", async () => {
  const { log } = await laptop.conversation("bob");
  await laptop.client.preferences.mute(log, Number.MAX_SAFE_INTEGER);
  await laptop.client.sendText(log, "a whole thought");
  await soon(async () => {
    await settleAll(laptop, ada);
    expect(await ada.conversation("bob")).toMatchObject({ isMuted: true, draft: "" });
    expect(await ada.client.preferences.draft((await ada.conversation("bob")).log)).toEqual({ text: "", replyTo: undefined });
    expect((await ada.words("bob")).at(-1)).toBe("a whole thought");
  });
});

test("whoever is blocked on one device is blocked on the other", async () => {
  await ada.client.people.block((await ada.client.findPerson("bob")).account);
  await soon(async () => {
    await settleAll(ada, laptop);
    expect(await laptop.client.conversations()).toEqual([]);
  });
  await bob.client.sendText((await bob.conversation("ada")).log, "anybody there?");
  await settleAll(bob, ada, laptop);
  await laptop.client.people.unblock((await laptop.client.findPerson("bob")).account);
  await soon(async () => {
    await settleAll(ada, laptop);
    expect(await ada.words("bob")).not.toContain("anybody there?");
    expect(await laptop.words("bob")).not.toContain("anybody there?");
  });
});
