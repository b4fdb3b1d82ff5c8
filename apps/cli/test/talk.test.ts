/** People talk through a real server, with encrypted profiles on the disk. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessageView } from "@sotto/client";
import { type AccountId, accountIdToText } from "@sotto/protocol";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

describe("two people talk", () => {
  test("a first message arrives as a request, and does not say that it arrived", async () => {
    const log = await ada.client.direct(await ada.client.findPerson("@bob"));
    await ada.client.sendText(log, "Hello Bob, it is Ada");
    await settleAll(ada, bob);
    await soon(async () => {
      expect(await bob.only()).toMatchObject({ status: "request", title: "ada", kind: "direct", unread: 1 });
      expect(await bob.words("ada")).toEqual(["Hello Bob, it is Ada"]);
      expect((await ada.messages("bob"))[0]?.state).toBe("sent");
    });
  });

  test("once it is accepted, the sender hears that it arrived and was read", async () => {
    const { log } = await bob.only();
    await bob.client.accept(log);
    await settleAll(bob, ada);
    await soon(async () => {
      expect((await ada.messages("bob"))[0]?.state).toBe("delivered");
    });
    await bob.client.markRead(log);
    await settleAll(bob, ada);
    await soon(async () => {
      expect((await ada.messages("bob"))[0]?.state).toBe("read");
      expect(await bob.only()).toMatchObject({ status: "active", unread: 0 });
    });
  });

  test("twenty messages each way, with restarts of both and of the server in the middle", async () => {
    const [adas, bobs] = [(await ada.only()).log, (await bob.only()).log];
    for (let i = 0; i < 20; i++) {
      await ada.client.sendText(adas, `ada ${i}`);
      await bob.client.sendText(bobs, `bob ${i}`);
      if (i === 5) await bob.restart();
      if (i === 10) await ada.restart();
      if (i === 15) {
        await world.stopServer();
        await world.startServer();
      }
    }
    await settleAll(ada, bob);
    await soon(async () => {
      const words = await ada.words("bob");
      expect(words).toHaveLength(41);
      expect(await bob.words("ada")).toEqual(words);
      const of = (name: string): string[] => words.filter((text) => text.startsWith(name));
      expect(of("ada ")).toEqual(Array.from({ length: 20 }, (_, i) => `ada ${i}`));
      expect(of("bob ")).toEqual(Array.from({ length: 20 }, (_, i) => `bob ${i}`));
    });
  });

  test("a message is edited, reacted to, and taken back", async () => {
    const { log } = await ada.only();
    const localId = await ada.client.sendText(log, "teh blue hour");
    await settleAll(ada, bob);
    const sent = await ada.client.message(localId);
    if (sent?.messageId === undefined) throw new Error("not sent");
    await ada.client.sendText(log, "the blue hour", { replaces: sent.messageId });
    await settleAll(ada, bob);
    await soon(async () => {
      expect((await bob.messages("ada")).at(-1)).toMatchObject({ text: "the blue hour", kind: "text" });
      expect((await ada.messages("bob")).at(-1)).toMatchObject({ text: "the blue hour" });
    });
    await bob.client.react((await bob.only()).log, sent.messageId, "🌆");
    await soon(async () => {
      expect((await ada.client.message(localId))?.reactions.map(({ emoji }) => emoji)).toEqual(["🌆"]);
    });
    await ada.client.unsend(log, sent.messageId);
    await settleAll(ada, bob);
    await soon(async () => {
      expect((await bob.messages("ada")).at(-1)).toMatchObject({ text: "", kind: "deleted" });
    });
    const changing = ada.client.sendText(log, "no, the green one", { replaces: sent.messageId });
    await expect(changing).rejects.toMatchObject({ code: "message_taken_back" });
    await expect(bob.client.react(log, sent.messageId, "🌆")).rejects.toMatchObject({ code: "message_taken_back" });
    await expect(bob.client.react(log, sent.messageId, "nice")).rejects.toMatchObject({ code: "reaction_invalid" });
  });

  test("any part of a word is found, also a short one, and not what was taken back", async () => {
    const { log } = await bob.only();
    await bob.client.sendText(log, "Der Blumentopf steht am Fenster");
    await settleAll(bob, ada);
    await soon(async () => {
      expect((await ada.client.search("ENTOP")).map(({ text, senderName }) => [senderName, text])).toEqual([
        ["bob", "Der Blumentopf steht am Fenster"],
      ]);
      expect(await ada.client.search("am")).toHaveLength(1);
      expect(await ada.client.search("blue hour")).toEqual([]);
    });
  });
});

describe("a group of three", () => {
  let cleo: Person;

  test("everybody reads what everybody writes", async () => {
    cleo = await world.person("cleo");
    const people = [await ada.client.findPerson("bob"), await ada.client.findPerson("cleo")];
    const log = await ada.client.createGroup("Choir", people);
    await ada.client.sendText(log, "Rehearsal on Friday");
    await settleAll(ada, bob, cleo);
    for (const member of [bob, cleo]) {
      await soon(async () => void (await member.conversation("Choir")));
      const group = await member.conversation("Choir");
      expect(group.kind).toBe("group");
      await member.client.sendText(group.log, `${member.username} is in`);
    }
    await settleAll(ada, bob, cleo);
    await soon(async () => {
      const words = await ada.words("Choir");
      expect(words.toSorted()).toEqual(["Rehearsal on Friday", "bob is in", "cleo is in"].toSorted());
      expect(await bob.words("Choir")).toEqual(words);
      expect(await cleo.words("Choir")).toEqual(words);
    });
  });

  test("members who never met know each other by the names that the directory gives", async () => {
    await settleAll(bob, cleo);
    await soon(async () => {
      await settleAll(cleo);
      expect((await cleo.messages("Choir")).map(({ senderName }) => senderName).toSorted()).toEqual(["ada", "bob", "cleo"]);
    });
  });

  test("two commits at once: both take effect", async () => {
    const dora = await world.person("dora");
    const { log } = await ada.conversation("Choir");
    await Promise.all([ada.client.rename(log, "Chamber choir"), bob.client.invite(log, [await bob.client.findPerson("dora")])]);
    await bob.client.sendText(log, "Welcome");
    await settleAll(ada, bob, cleo, dora);
    await soon(async () => {
      for (const person of [ada, bob, cleo, dora]) {
        const { log: own } = await person.conversation("Chamber choir");
        expect((await person.client.members(own)).length).toBe(4);
      }
      expect(await cleo.words("Chamber choir")).toContain("Welcome");
    });
  });

  test("who is removed reads nothing more", async () => {
    const { log } = await ada.conversation("Chamber choir");
    const before = await cleo.words("Chamber choir");
    await ada.client.remove(log, [await ada.client.findPerson("cleo")]);
    await ada.client.sendText(log, "without Cleo");
    await settleAll(ada, bob, cleo);
    await soon(async () => {
      expect((await cleo.conversation("Chamber choir")).status).toBe("left");
      expect(await cleo.words("Chamber choir")).toEqual(before);
      expect((await bob.words("Chamber choir")).at(-1)).toBe("without Cleo");
    });
    await expect(cleo.client.sendText(log, "still here?")).rejects.toMatchObject({ code: "conversation_inactive" });
  });

  test("who leaves is out, and the others go on", async () => {
    const { log } = await bob.conversation("Chamber choir");
    cleo.client.disconnect();
    ada.client.disconnect();
    await bob.client.leave(log);
    await bob.settle();
    expect((await bob.conversation("Chamber choir")).status).toBe("leaving");
    await bob.restart();
    expect((await bob.conversation("Chamber choir")).status).toBe("leaving");
    cleo.client.connect();
    ada.client.connect();
    await settleAll(bob, ada);
    await soon(async () => {
      expect((await bob.conversation("Chamber choir")).status).toBe("left");
    });
    await ada.client.sendText(log, "without Bob");
    await settleAll(ada, bob);
    await soon(async () => {
      expect((await ada.words("Chamber choir")).at(-1)).toBe("without Bob");
      expect(await bob.words("Chamber choir")).not.toContain("without Bob");
    });
  });

  test("the timeline says who came and went, and what the group is called", async () => {
    const { log } = await ada.conversation("Chamber choir");
    const news = (await ada.client.messages(log, { limit: 100 })).filter(({ kind }) => kind === "system");
    const names = news.flatMap(({ change }) => change?.changes.map((item) => (item.kind === "name" ? item.name : item.kind)) ?? []);
    expect(names).toContain("Chamber choir");
    const nameOf = (message: MessageView, account: AccountId): string => message.change?.names.get(accountIdToText(account)) ?? "";
    const of = (list: "added" | "removed" | "left"): string[] =>
      news.flatMap((message) => message.change?.[list].map((account) => nameOf(message, account)) ?? []);
    expect([of("added"), of("removed"), of("left")]).toEqual([["dora"], ["cleo"], ["bob"]]);
  });
});
