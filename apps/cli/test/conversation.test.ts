/** What a person sets and decides in conversations: requests, blocking, receipts, typing, drafts, roles, polls, disappearing messages. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob, cleo] = [await world.person("ada"), await world.person("bob"), await world.person("cleo")];
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello");
  await settleAll(ada);
  await soon(async () => bob.client.accept((await bob.conversation("ada")).log));
  await settleAll(bob, ada);
});
afterAll(() => world.end());

const stateOf = async (text: string): Promise<string | undefined> =>
  (await ada.messages("bob")).find((message) => message.text === text)?.state;

describe("somebody who is blocked", () => {
  test("hears nothing of it; what they write does not arrive and gets no receipt, and the conversation goes on afterwards", async () => {
    const { log } = await ada.conversation("bob");
    const { account } = await bob.client.findPerson("ada");
    const bobs = (await bob.conversation("ada")).log;
    await bob.client.people.block(account);
    await ada.client.sendText(log, "into the void");
    await settleAll(ada, bob);
    expect((await bob.client.conversations()).map(({ title }) => title)).not.toContain("ada");
    const { client } = bob;
    const [hello] = await client.messages(bobs);
    if (hello?.messageId === undefined) throw new Error("no message");
    const target = hello.messageId;
    const attempts = [
      () => client.sendText(bobs, "no"),
      () => client.react(bobs, target, "👍"),
      () => client.vote(bobs, target, [0]),
      () => client.unsend(bobs, target),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "person_blocked" });
    await bob.restart();
    await settleAll(bob);
    expect((await bob.client.people.blocked()).map(({ username }) => username)).toEqual(["ada"]);
    await bob.client.people.unblock(account);
    await ada.client.sendText(log, "after");
    await settleAll(ada, bob);
    await soon(async () => {
      expect(await bob.words("ada")).toEqual(["Hello", "after"]);
      expect(await stateOf("after")).toBe("delivered");
    });
    expect(await stateOf("into the void")).toBe("sent");
  });

  test("cannot reach one with a new conversation or an invitation to a group", async () => {
    await bob.client.people.block((await bob.client.findPerson("cleo")).account);
    await cleo.client.sendText(await cleo.client.direct(await cleo.client.findPerson("bob")), "buy now");
    await cleo.client.createGroup("Offers", [await cleo.client.findPerson("bob")]);
    await settleAll(cleo, bob);
    await soon(async () => {
      await settleAll(bob);
      expect((await bob.client.conversations()).map(({ title }) => title)).toEqual(["ada"]);
    });
    await bob.client.people.unblock((await bob.client.findPerson("cleo")).account);
    await soon(async () => {
      expect((await bob.client.conversations()).map(({ title, status }) => `${title} ${status}`).toSorted()).toEqual([
        "Offers request",
        "ada active",
        "cleo request",
      ]);
    });
  });
});

test("a reaction to a request accepts it, as an answer in words does", async () => {
  const dan = await world.person("dan");
  const log = await dan.client.direct(await dan.client.findPerson("ada"));
  await dan.client.sendText(log, "Are you the Ada of the choir?");
  await settleAll(dan);
  await soon(async () => expect(await ada.words("dan")).toHaveLength(1));
  expect((await ada.conversation("dan")).status).toBe("request");
  const [asked] = await ada.messages("dan");
  if (asked?.messageId === undefined) throw new Error("no message");
  await ada.client.react(asked.log, asked.messageId, "🎶");
  expect((await ada.conversation("dan")).status).toBe("active");
  await settleAll(ada, dan);
  await soon(async () => expect((await dan.messages("ada"))[0]).toMatchObject({ state: "delivered", reactions: [{ emoji: "🎶" }] }));
});

test("a request that is declined is gone with its text; the person can ask again, and the group sees one leave", async () => {
  const [direct, group] = [(await bob.conversation("cleo")).log, (await bob.conversation("Offers")).log];
  await bob.client.people.decline(direct);
  await bob.client.people.decline(group);
  await settleAll(bob, cleo);
  expect(await bob.client.search("buy now")).toEqual([]);
  await bob.restart();
  await settleAll(bob);
  const left = (await bob.client.conversations()).filter(({ isArchived }) => !isArchived);
  expect(left.map(({ title }) => title)).toEqual(["ada"]);
  await soon(async () => {
    expect(await cleo.client.members((await cleo.conversation("Offers")).log)).toHaveLength(1);
  });
  await expect(bob.client.people.decline((await bob.conversation("ada")).log)).rejects.toMatchObject({ code: "request_unknown" });
});

describe("what others hear", () => {
  test("reading is not told while that is switched off", async () => {
    const bobs = (await bob.conversation("ada")).log;
    await bob.client.preferences.turn("receipts", false);
    await bob.client.markRead(bobs);
    await settleAll(bob, ada);
    expect(await stateOf("after")).toBe("delivered");
    await bob.client.preferences.turn("receipts", true);
    await ada.client.sendText((await ada.conversation("bob")).log, "read me");
    await soon(async () => {
      await bob.client.markRead(bobs);
      await settleAll(bob, ada);
      expect(await stateOf("read me")).toBe("read");
    });
  });

  test("that messages arrived and were read is told by itself, by a program that only listens", async () => {
    const [adas, bobs] = [(await ada.conversation("bob")).log, (await bob.conversation("ada")).log];
    await ada.client.sendText(adas, "are you there?");
    await soon(async () => {
      expect(await stateOf("are you there?")).toBe("delivered");
    });
    await bob.client.markRead(bobs);
    await soon(async () => {
      expect(await stateOf("are you there?")).toBe("read");
    });
  });

  test("typing shows, ends with the message, and is not sent or shown when it is switched off", async () => {
    const [adas, bobs] = [(await ada.conversation("bob")).log, (await bob.conversation("ada")).log];
    await ada.client.typing.type(adas);
    await soon(async () => {
      expect(bob.client.typing.in(bobs)).toHaveLength(1);
    });
    await ada.client.sendText(adas, "here it is");
    await soon(async () => {
      expect(bob.client.typing.in(bobs)).toEqual([]);
      expect((await bob.words("ada")).at(-1)).toBe("here it is");
    });
    const events: string[] = [];
    const stop = bob.client.on(({ kind }) => events.push(kind));
    await bob.client.preferences.turn("typing", false);
    await ada.client.typing.type(adas);
    await ada.client.sendText(adas, "and this");
    await soon(async () => {
      expect((await bob.words("ada")).at(-1)).toBe("and this");
    });
    expect(events).not.toContain("typing");
    stop();
    await bob.client.preferences.turn("typing", true);
  });
});

test("a draft is kept over a restart, shows in the list, and goes when it is sent", async () => {
  const { log } = await ada.conversation("bob");
  await ada.client.preferences.setDraft(log, { text: "not yet", replyTo: undefined });
  await ada.restart();
  await settleAll(ada);
  expect(await ada.conversation("bob")).toMatchObject({ draft: "not yet" });
  await ada.client.sendText(log, "now");
  expect(await ada.conversation("bob")).toMatchObject({ draft: "", last: { text: "now" } });
});

test("a pinned conversation is first, an archived one comes back with a message, unless it is muted", async () => {
  const group = await ada.client.createGroup("Reading", [await ada.client.findPerson("bob")]);
  await settleAll(ada, bob);
  const { log } = await ada.conversation("bob");
  await ada.client.preferences.pin(log, true);
  expect((await ada.client.conversations())[0]).toMatchObject({ title: "bob", isPinned: true });
  await ada.client.preferences.archive(group, true);
  const bobs = await soonGroup(bob, "Reading");
  await bob.client.sendText(bobs, "page one");
  await soon(async () => {
    expect(await ada.conversation("Reading")).toMatchObject({ isArchived: false, unread: 1 });
  });
  await ada.client.preferences.mute(group, Number.MAX_SAFE_INTEGER);
  await ada.client.preferences.archive(group, true);
  await bob.client.sendText(bobs, "page two");
  await soon(async () => {
    expect(await ada.conversation("Reading")).toMatchObject({ isArchived: true, isMuted: true, unread: 2 });
  });
});

test("a conversation that was archived without a connection comes back with a message from meanwhile, and stays", async () => {
  const { log } = await ada.conversation("bob");
  const bobs = (await bob.conversation("ada")).log;
  ada.client.disconnect();
  await ada.client.preferences.archive(log, true);
  await bob.client.sendText(bobs, "meanwhile");
  await settleAll(bob);
  ada.client.connect();
  await settleAll(ada);
  expect((await ada.words("bob")).at(-1)).toBe("meanwhile");
  expect(await ada.conversation("bob")).toMatchObject({ isArchived: false });
});

test("words and names that show nothing are refused, and nothing is sent", async () => {
  const { log } = await ada.conversation("bob");
  const before = (await ada.messages("bob")).length;
  const person = await ada.client.findPerson("bob");
  const group = await ada.client.createGroup("Visible", [person]);
  for (const attempt of [
    () => ada.client.sendText(log, " \u200b\n"),
    () => ada.client.createGroup(" ", [person]),
    () => ada.client.rename(group, "\u2800"),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: "text_empty" });
  await settleAll(ada);
  expect(await ada.messages("bob")).toHaveLength(before);
  expect(await ada.conversation("Visible")).toMatchObject({ kind: "group" });
});

async function soonGroup(person: Person, title: string) {
  await soon(async () => void (await person.conversation(title)));
  return (await person.conversation(title)).log;
}

describe("a group", () => {
  test("has roles and a policy, and one hears at once what is not allowed", async () => {
    const log = await ada.client.createGroup("Choir", [await ada.client.findPerson("bob"), await ada.client.findPerson("cleo")]);
    await settleAll(ada);
    const [bobs, cleos] = [await soonGroup(bob, "Choir"), await soonGroup(cleo, "Choir")];
    await expect(bob.client.rename(bobs, "Bob's choir")).rejects.toMatchObject({ code: "group_forbidden" });
    const { account } = await ada.client.findPerson("bob");
    await ada.client.groups.setRole(log, account, "admin");
    await ada.client.groups.setPolicy(log, { post: "admin" });
    await settleAll(ada, bob, cleo);
    await soon(async () => {
      expect((await cleo.client.groups.info(cleos)).policy.post).toBe("admin");
      await expect(cleo.client.sendText(cleos, "may I?")).rejects.toMatchObject({ code: "group_forbidden" });
    });
    await bob.client.rename(bobs, "Bob's choir");
    await settleAll(bob, ada);
    await soon(async () => void (await ada.conversation("Bob's choir")));
    const { members } = await ada.client.groups.info(log);
    expect(members.map(({ username, role }) => [username, role])).toEqual([
      ["ada", "owner"],
      ["bob", "admin"],
      ["cleo", "member"],
    ]);
    await expect(ada.client.groups.setRole(log, members[0]?.account ?? account, "member")).rejects.toMatchObject({
      code: "group_needs_owner",
    });
    await ada.client.groups.setPolicy(log, { post: "member" });
    await settleAll(ada, bob, cleo);
  });

  test("votes: the last one of each person counts, and only what the poll allows", async () => {
    const { log } = await ada.conversation("Bob's choir");
    const localId = await ada.client.sendPoll(log, { question: "When?", options: ["Friday", "Saturday"], choicesMax: 1 });
    await settleAll(ada);
    const poll = (await ada.client.message(localId))?.messageId;
    if (poll === undefined) throw new Error("not sent");
    const [bobs, cleos] = [(await bob.conversation("Bob's choir")).log, (await cleo.conversation("Bob's choir")).log];
    await settleAll(bob, cleo);
    await bob.client.vote(bobs, poll, [0]);
    await bob.client.vote(bobs, poll, [1]);
    await cleo.client.vote(cleos, poll, [0, 1]);
    await settleAll(bob, cleo, ada);
    await soon(async () => {
      const shown = (await ada.client.message(localId))?.poll;
      expect(shown?.options.map(({ text, votes }) => [text, votes])).toEqual([
        ["Friday", 0],
        ["Saturday", 1],
      ]);
      expect(shown?.voters).toBe(1);
    });
  });

  test("a name that is typed names an account", async () => {
    const { log } = await ada.conversation("Bob's choir");
    await ada.client.sendText(log, "ask @bob, not @nobody");
    await settleAll(ada);
    await soon(async () => {
      const last = (await cleo.messages("Bob's choir")).at(-1);
      expect([...(last?.mentions.values() ?? [])]).toEqual(["bob"]);
      expect(last?.text).toContain("not @nobody");
    });
  });

  test("messages disappear after reading, from the list and the search, also when nobody looks", async () => {
    const { log } = await ada.conversation("Bob's choir");
    await ada.client.groups.setTimer(log, 1);
    await settleAll(ada, bob, cleo);
    await soon(async () => {
      expect(await cleo.conversation("Bob's choir")).toMatchObject({ timerSeconds: 1 });
    });
    await ada.client.sendText(log, "gone in a second");
    await settleAll(ada, bob, cleo);
    const cleos = (await cleo.conversation("Bob's choir")).log;
    await soon(async () => {
      expect(await cleo.words("Bob's choir")).toContain("gone in a second");
    });
    await bob.restart();
    await cleo.client.markRead(cleos);
    await soon(async () => {
      for (const person of [ada, cleo]) {
        expect(await person.words("Bob's choir")).not.toContain("gone in a second");
        expect(await person.client.search("gone in a second")).toEqual([]);
      }
    });
    // Bob has not read it.
    await settleAll(bob);
    expect(await bob.words("Bob's choir")).toContain("gone in a second");
  });
});
