/** A group in which people have several devices, and devices that are lost, found and taken out. */
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
  [adaLaptop, bobLaptop] = [await world.linked(ada, "laptop"), await world.linked(bob, "laptop")];
}, 60_000);
afterAll(() => world.end());

describe("a group of five, three of them with two devices", () => {
  test("everybody reads what everybody writes on every device; who leaves, leaves with both", async () => {
    const [dora, emil, fay] = [await world.person("dora"), await world.person("emil"), await world.person("fay")];
    const doraTablet = await world.linked(dora, "tablet");
    const names = ["bob", "dora", "emil", "fay"];
    const people = await Promise.all(names.map((name) => ada.client.findPerson(name)));
    const log = await ada.client.createGroup("Choir", people);
    const everybody = [ada, adaLaptop, bob, bobLaptop, dora, doraTablet, emil, fay];
    for (const device of everybody) {
      await soon(async () => void (await device.conversation("Choir")));
      await device.client.sendText(log, device.profile);
    }
    await settleAll(...everybody);
    await soon(async () => {
      const words = await ada.words("Choir");
      expect(words.toSorted()).toEqual(everybody.map(({ profile }) => profile).toSorted());
      for (const device of everybody.slice(1)) expect(await device.words("Choir")).toEqual(words);
      expect(await ada.client.members(log)).toHaveLength(5);
    });
    await bobLaptop.client.leave(log);
    await soon(async () => {
      for (const device of [bob, bobLaptop]) expect((await device.conversation("Choir")).status).toBe("left");
      expect(await ada.client.members(log)).toHaveLength(4);
    });
    await doraTablet.client.sendText(log, "without Bob");
    await settleAll(doraTablet);
    await soon(async () => expect((await fay.words("Choir")).at(-1)).toBe("without Bob"));
    expect(await bob.words("Choir")).not.toContain("without Bob");
  });
});

describe("a device that is lost", () => {
  test("is taken out of the account and of all conversations, reads nothing more, and says why", async () => {
    const log = await ada.client.direct(await ada.client.findPerson("bob"));
    await ada.client.sendText(log, "before");
    await settleAll(ada, bob);
    await soon(async () => bob.client.accept((await bob.conversation("ada")).log));
    await soon(async () => expect(await bobLaptop.words("ada")).toEqual(["before"]));
    const [phone, laptop] = await bob.client.devices.list();
    if (phone === undefined || laptop === undefined) throw new Error("not two devices");
    expect([phone, laptop].map(({ isThis, name }) => [isThis, name])).toEqual([
      [true, ""],
      [false, "laptop"],
    ]);
    await expect(bob.client.devices.revoke(phone.id)).rejects.toMatchObject({ code: "device_this" });
    const { recoveryKey } = await bob.client.devices.revoke(laptop.id);
    expect(recoveryKey).toMatch(/^[a-z2-7 ]{64}$/);
    await settleAll(bob);
    await ada.client.sendText(log, "after");
    await settleAll(ada, bob);
    await soon(async () => expect(await bob.words("ada")).toEqual(["before", "after"]));
    await soon(() => {
      expect(bobLaptop.client.refusal).toBe("device_revoked");
      return Promise.resolve();
    });
    expect(await bobLaptop.words("ada")).toEqual(["before"]);
    await bobLaptop.restart();
    expect(await bobLaptop.client.settled(5_000)).toBe(false);
    expect(bobLaptop.client.refusal).toBe("device_revoked");
    expect(await bob.client.devices.list()).toHaveLength(1);
  });

  test("has an old key that is worth nothing, while the other devices and the new recovery key go on", async () => {
    const { person: phone, recoveryKey: old } = await world.signUp("hedy");
    const [tablet, laptop] = [await world.linked(phone, "tablet"), await world.linked(phone, "laptop")];
    const lost = (await phone.client.devices.list()).find(({ name }) => name === "laptop");
    if (lost === undefined) throw new Error("no laptop");
    const { recoveryKey } = await tablet.client.devices.revoke(lost.id);
    await settleAll(tablet, phone);
    expect(await laptop.client.settled(5_000)).toBe(false);
    // The phone hears of the new master key after the laptop is out of the self group, and can link again.
    await soon(async () => void (await world.linked(phone, "watch")));
    const [wrong, right] = [await world.empty("hedy", "wrong"), await world.empty("hedy", "right")];
    await expect(wrong.client.devices.recover({ username: "hedy", recoveryKey: old, name: "" })).rejects.toMatchObject({
      code: "unlock_failed",
    });
    await right.client.devices.recover({ username: "hedy", recoveryKey, name: "right" });
    await settleAll(right);
    await soon(async () => {
      const names = (await right.client.devices.list()).map(({ name }) => name);
      expect(names.toSorted()).toEqual(["", "right", "tablet", "watch"]);
    });
  });
});

describe("a person with the recovery key and no device at hand", () => {
  test("signs in, is taken in by the other devices once they are there, and finds everything", async () => {
    const { person, recoveryKey } = await world.signUp("emma");
    const log = await person.client.direct(await person.client.findPerson("ada"));
    await person.client.sendText(log, "Hello Ada");
    await settleAll(person);
    await person.client.close();
    const tablet = await world.empty("emma", "tablet");
    const [first = "", second = "", ...others] = recoveryKey.split(" ");
    const wrong = [second, first, ...others].join(" ");
    await expect(tablet.client.devices.recover({ username: "emma", recoveryKey: wrong, name: "" })).rejects.toMatchObject({
      code: "unlock_failed",
    });
    await tablet.client.devices.recover({ username: "@emma", recoveryKey, name: "tablet" });
    await tablet.settle();
    expect(await tablet.client.devices.isAdmitted(0)).toBe(false);
    expect(await tablet.client.conversations()).toEqual([]);
    await person.open();
    person.client.connect();
    await settleAll(person);
    await soon(async () => expect((await tablet.conversation("ada")).status).toBe("active"));
    await tablet.client.sendText(log, "from the tablet");
    await settleAll(tablet, person);
    await soon(async () => expect(await person.words("ada")).toEqual(["Hello Ada", "from the tablet"]));
  });

  test("and whose other devices are all gone, takes them out and goes on alone", async () => {
    const { person, recoveryKey } = await world.signUp("greta");
    await person.client.close();
    const tablet = await world.empty("greta", "tablet");
    await tablet.client.devices.recover({ username: "greta", recoveryKey, name: "tablet" });
    await tablet.settle();
    const lost = (await tablet.client.devices.list()).find(({ isThis }) => !isThis);
    if (lost === undefined) throw new Error("no other device");
    await tablet.client.devices.revoke(lost.id);
    await tablet.settle();
    expect(await tablet.client.devices.isAdmitted(5_000)).toBe(true);
    const watch = await world.linked(tablet, "watch");
    await soon(async () => expect((await watch.client.devices.list()).map(({ name }) => name)).toEqual(["tablet", "watch"]));
    await person.open();
    person.client.connect();
    expect(await person.client.settled(5_000)).toBe(false);
    expect(person.client.refusal).toBe("device_revoked");
  });

  test("is let in by those they talk with, a day later, when nobody of their own is left to do it", async () => {
    const { person: phone, recoveryKey } = await world.signUp("iris");
    await phone.client.sendText(await phone.client.direct(await phone.client.findPerson("ada")), "Hello Ada");
    await settleAll(phone, ada);
    await soon(async () => ada.client.accept((await ada.conversation("iris")).log));
    await settleAll(ada);
    await phone.client.close();
    const tablet = await world.empty("iris", "tablet");
    await tablet.client.devices.recover({ username: "iris", recoveryKey, name: "tablet" });
    await tablet.settle();
    for (const hours of [25, 27]) {
      expect(await tablet.client.conversations()).toEqual([]);
      ada.aheadMs = hours * 3_600_000;
      await ada.restart();
      await ada.settle();
    }
    await soon(async () => expect((await tablet.conversation("ada")).kind).toBe("direct"));
    await ada.client.sendText((await ada.conversation("iris")).log, "Are you back?");
    await soon(async () => expect(await tablet.words("ada")).toEqual(["Are you back?"]));
    await phone.open();
  });
});

describe("a third device", () => {
  test("is added by both others at once, to many conversations, and each message is there once", async () => {
    const names = ["kim", "lou", "max"];
    const [kim, lou, max] = await Promise.all(names.map((name) => world.person(name)));
    if (kim === undefined || lou === undefined || max === undefined) throw new Error("nobody");
    const laptop = await world.linked(kim, "laptop");
    const people = [await kim.client.findPerson("lou"), await kim.client.findPerson("max")];
    const logs = [await kim.client.createGroup("One", people), await laptop.client.createGroup("Two", people)];
    for (const person of people) logs.push(await kim.client.direct(person));
    await settleAll(kim, laptop);
    await soon(async () => expect(await laptop.client.conversations()).toHaveLength(4));
    const tablet = await world.linked(laptop, "tablet");
    await soon(async () => expect(await tablet.client.conversations()).toHaveLength(4));
    await settleAll(kim, laptop, tablet);
    for (const log of logs) await tablet.client.sendText(log, "from the tablet");
    await settleAll(tablet, kim, laptop, lou, max);
    for (const device of [kim, laptop]) {
      for (const { log } of await device.client.conversations()) {
        await soon(async () => {
          const words = (await device.client.messages(log)).map(({ text }) => text);
          expect(words.filter((text) => text === "from the tablet")).toHaveLength(1);
        });
      }
    }
    for (const member of [lou, max]) {
      const { log } = await member.conversation("One");
      expect((await member.client.members(log)).length).toBe(3);
    }
  });

  test("goes on alone while the others are away, and they catch up", async () => {
    const nina = await world.person("nina");
    const laptop = await world.linked(nina, "laptop");
    nina.client.disconnect();
    const log = await laptop.client.direct(await laptop.client.findPerson("ada"));
    for (const text of ["one", "two", "three"]) await laptop.client.sendText(log, text);
    await settleAll(laptop);
    laptop.client.disconnect();
    nina.client.connect();
    await settleAll(nina);
    await soon(async () => expect(await nina.words("ada")).toEqual(["one", "two", "three"]));
    await nina.client.sendText(log, "four");
    await settleAll(nina);
    laptop.client.connect();
    await settleAll(laptop);
    await soon(async () => expect(await laptop.words("ada")).toEqual(["one", "two", "three", "four"]));
  });
});
