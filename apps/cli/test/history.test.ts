/** What others hand on to a device that could not follow: all that it missed, and nothing from whom it did not ask. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HistoryItem, InboxNote, LogId, MessageId } from "@sotto/protocol";
import { pretendAsked, queueNote, saidAt, stateOf, unpostedMessage } from "@sotto/client/testing/hostile";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;
let eve: Person;
let log: LogId;

beforeAll(async () => {
  await world.startServer();
  [ada, bob, eve] = [await world.person("ada"), await world.person("bob"), await world.person("eve")];
  log = await ada.client.createGroup("Choir", [await ada.client.findPerson("bob"), await ada.client.findPerson("eve")]);
  for (const person of [bob, eve]) await soon(async () => void (await person.conversation("Choir")));
});
afterAll(() => world.end());

const say = (person: Person, text: string): Promise<unknown> => person.client.sendText(log, text);

const words = async (person: Person): Promise<string[]> =>
  (await person.client.messages(log, { limit: 1000 })).filter(({ kind }) => kind !== "system").map(({ text }) => text);

/** The message with these words, once the person has it. */
async function idOf(person: Person, text: string): Promise<MessageId> {
  let id: MessageId | undefined;
  await soon(async () => {
    id = (await person.client.messages(log, { limit: 1000 })).find((message) => message.text === text)?.messageId;
    expect(id).toBeDefined();
  });
  if (id === undefined) throw new Error(`no message ${text}`);
  return id;
}

/** What a person sees, in order, but for what only one of them can know. */
async function seen(person: Person): Promise<unknown[]> {
  const messages = (await person.client.messages(log, { limit: 1000 })).filter(({ kind }) => kind !== "system");
  return messages.map(({ text, kind, senderName, editedAt, reactions, poll }) => ({
    text,
    kind,
    senderName,
    isEdited: editedAt !== undefined,
    reactions: reactions.map(({ account, emoji }) => `${account.join()} ${emoji}`).toSorted(),
    votes: poll?.options.map(({ votes }) => votes),
  }));
}

async function inboxNext(person: Person): Promise<number> {
  const [row] = await person.store.all("SELECT value FROM settings WHERE key = 'inbox_next'");
  return typeof row?.["value"] === "number" ? row["value"] : 1;
}

type Whom = { readonly to: readonly Person[]; readonly at?: LogId };

/** Hands the note out, and waits until all of these have passed it. */
async function handOut(from: Person, note: InboxNote, { to, at = log }: Whom): Promise<void> {
  const before = await Promise.all(to.map(inboxNext));
  await queueNote(from, at, note);
  await from.restart();
  for (const [index, person] of to.entries()) {
    await soon(async () => expect(await inboxNext(person)).toBeGreaterThan(before[index] ?? 0));
  }
  await settleAll(from, ...to);
}

async function historyOf(person: Person, messages: readonly HistoryItem[], at = log): Promise<InboxNote> {
  return { kind: "history", groupId: (await stateOf(person, at)).mls.context.groupId, messages };
}

/** A message that no log has. */
async function slipIn(from: Person, text: string, { to, at = log }: Whom): Promise<void> {
  await handOut(from, await historyOf(from, [await unpostedMessage(from, at, text)], at), { to, at });
}

const rows = async ({ store }: Person, table: string): Promise<unknown> =>
  (await store.all(`SELECT count(*) AS n FROM ${table}`))[0]?.["n"];

/** In a transaction of its own, as if it had been so. */
const pretend = ({ store }: Person, sql: string): Promise<void> => store.write([{ sql, parameters: [log] }]);

describe("a member hands out messages that no log has", () => {
  test("nobody who did not ask takes or keeps them", async () => {
    await say(ada, "first");
    for (const person of [bob, eve]) await idOf(person, "first");
    // Entries that make no row leave places in the timeline where something could be slipped in.
    for (const emoji of ["👍", "🎷", "🎻"]) await ada.client.react(log, await idOf(ada, "first"), emoji);
    for (const person of [bob, eve]) await soon(async () => expect(await rows(person, "reactions")).toBe(3));
    await slipIn(eve, "slipped in", { to: [ada, bob] });
    for (const person of [ada, bob]) {
      expect(await words(person)).toEqual(["first"]);
      expect(await rows(person, "history_held")).toBe(0);
    }
  });

  test("nor in a group where only admins may post, even if all were asked", async () => {
    await ada.client.groups.setPolicy(log, { post: "admin" });
    for (const person of [bob, eve]) await soon(async () => expect((await stateOf(person, log)).group.policy.post).toBe("admin"));
    await pretendAsked(bob, log);
    await slipIn(eve, "past the policy", { to: [bob] });
    expect(await words(bob)).toEqual(["first"]);
    await ada.client.groups.setPolicy(log, { post: "member" });
    for (const person of [bob, eve]) await soon(async () => expect((await stateOf(person, log)).group.policy.post).toBe("member"));
    await slipIn(eve, "within the policy", { to: [bob] });
    expect(await words(bob)).toContain("within the policy");
    await pretend(bob, "DELETE FROM messages WHERE log = ? AND text = 'within the policy'");
  });

  test("nor from somebody who was blocked, in a conversation of two", async () => {
    const direct = await ada.client.direct(await ada.client.findPerson("eve"));
    await ada.client.sendText(direct, "Eve?");
    await soon(async () => eve.client.accept((await eve.conversation("ada")).log));
    await settleAll(ada, eve);
    const account = (await ada.client.messages(direct)).length > 0 ? await ada.client.findPerson("eve") : undefined;
    if (account === undefined) throw new Error("no conversation");
    await ada.client.people.block(account.account);
    await pretendAsked(ada, direct);
    await slipIn(eve, "past the block", { to: [ada], at: direct });
    expect((await ada.client.messages(direct)).map(({ text }) => text)).not.toContain("past the block");
    await ada.client.people.unblock(account.account);
  });

  test("nor what this device had read when it asked", async () => {
    await pretend(bob, "DELETE FROM history_gaps WHERE log = ?");
    await pretendAsked(bob, log, 2_000_000);
    await slipIn(eve, "into the past", { to: [bob] });
    expect(await words(bob)).toEqual(["first"]);
    await pretend(bob, "DELETE FROM history_gaps WHERE log = ?");
  });
});

describe("a device that waits to be let in", () => {
  test("keeps what it is handed, and shows it once it is in", async () => {
    await pretendAsked(bob, log);
    await pretend(bob, `UPDATE places SET repair = 'rejoin', repair_at = ${Date.now()}, repair_tries = 20 WHERE log = ?`);
    await bob.restart();
    const note = await historyOf(eve, [await unpostedMessage(eve, log, "while bob was out")]);
    await queueNote(eve, log, note);
    await eve.restart();
    await soon(async () => expect(await rows(bob, "history_held")).toBe(1));
    expect(await words(bob)).toEqual(["first"]);
    await pretend(bob, "UPDATE places SET repair = NULL WHERE log = ?");
    await bob.restart();
    await soon(async () => expect(await words(bob)).toContain("while bob was out"));
    expect(await rows(bob, "history_held")).toBe(0);
    await pretend(bob, "DELETE FROM messages WHERE log = ? AND text = 'while bob was out'");
  });
});

describe("a device that dies while it takes in what it was handed", () => {
  test.each([1, 2, 3])("at write %i: has all of it afterwards, once", async (writes) => {
    const texts = [1, 2].map((note) => `note ${note} of ${writes}`);
    await pretendAsked(bob, log);
    await pretend(bob, `UPDATE places SET repair = 'rejoin', repair_at = ${Date.now()}, repair_tries = 20 WHERE log = ?`);
    await bob.restart();
    for (const text of texts) await queueNote(eve, log, await historyOf(eve, [await unpostedMessage(eve, log, text)]));
    await eve.restart();
    await soon(async () => expect(await rows(bob, "history_held")).toBe(2));
    await pretend(bob, "UPDATE places SET repair = NULL WHERE log = ?");
    await bob.crash(writes);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await bob.crash();
    await soon(async () => expect((await words(bob)).filter((text) => texts.includes(text)).toSorted()).toEqual(texts));
    expect(await rows(bob, "history_held")).toBe(0);
    await pretend(bob, "DELETE FROM messages WHERE log = ? AND text LIKE 'note %'");
  });
});

describe("a member hands out what is not so any more", () => {
  test("a former edit stays away, whenever it is said to have been", async () => {
    const id = await idOf(ada, "first");
    await ada.client.sendText(log, "first edit", { replaces: id });
    await idOf(bob, "first edit");
    const stored = await bob.store.all("SELECT content, evidence FROM traces WHERE role = 'edit'");
    const former = stored.map(({ content, evidence }): HistoryItem => {
      if (!(content instanceof Uint8Array) || !(evidence instanceof Uint8Array)) throw new Error("no evidence");
      return saidAt([content, evidence], Date.now() + 1_000);
    });
    expect(former).toHaveLength(1);
    await ada.client.sendText(log, "second edit", { replaces: id });
    await idOf(bob, "second edit");
    await pretendAsked(bob, log);
    await handOut(eve, await historyOf(eve, former), { to: [bob] });
    expect(await words(bob)).toEqual(["second edit"]);
  });
});

describe("a profile is put back, and others went on", () => {
  test("edits, deletions, reactions and votes that it missed arrive as well", async () => {
    for (const text of ["to be edited", "to be taken back", "to be liked"]) await say(ada, text);
    await ada.client.sendPoll(log, { question: "When?", options: ["Friday", "Saturday"], choicesMax: 1 });
    const poll = await idOf(bob, "When?");
    await bob.client.vote(log, poll, [0]);
    await soon(async () => expect(await seen(eve)).toEqual(await seen(bob)));
    await settleAll(ada, bob, eve);
    await ada.client.groups.setPolicy(log, { rename: "member" });
    await soon(async () => expect((await stateOf(bob, log)).group.policy.rename).toBe("member"));
    await bob.copyProfile();
    await bob.client.rename(log, "Quartet");
    for (const person of [ada, bob, eve]) await soon(async () => void (await person.conversation("Quartet")));
    await ada.client.sendText(log, "edited", { replaces: await idOf(ada, "to be edited") });
    await ada.client.sendText(log, "edited again", { replaces: await idOf(ada, "edited") });
    await ada.client.unsend(log, await idOf(ada, "to be taken back"));
    await eve.client.react(log, await idOf(eve, "to be liked"), "👍");
    await say(eve, "new, and edited");
    await eve.client.sendText(log, "new, then edited", { replaces: await idOf(eve, "new, and edited") });
    await bob.client.vote(log, poll, [1]);
    await eve.client.vote(log, poll, [1]);
    await settleAll(ada, bob, eve);
    await soon(async () => {
      for (const person of [bob, eve]) expect(await seen(person)).toEqual(await seen(ada));
    });
    await bob.setProfileBack();
    expect(await seen(bob)).not.toEqual(await seen(ada));
    bob.client.connect();
    await soon(async () => expect(await seen(bob)).toEqual(await seen(ada)));
    expect(await rows(bob, "history_gaps")).toBe(1);
    await say(bob, "bob is back");
    await idOf(eve, "bob is back");
  });
});

describe("somebody who came later asks for all there is", () => {
  test("and is handed nothing from before", async () => {
    await say(ada, "before dora came");
    const dora = await world.person("dora");
    await ada.client.invite(log, [await ada.client.findPerson("dora")]);
    await soon(async () => void (await dora.conversation("Quartet")));
    const name = (await dora.conversation("Quartet")).log;
    await say(ada, "after dora came");
    await soon(async () => expect(await dora.words("Quartet")).toEqual(["after dora came"]));
    await dora.store.write([{ sql: "DELETE FROM messages WHERE text = 'after dora came'", parameters: [] }]);
    await pretendAsked(dora, name);
    const { log: anchor, mls } = await stateOf(dora, name);
    const epoch = Number(mls.context.epoch);
    await queueNote(dora, name, { kind: "rejoin", log: anchor, groupId: mls.context.groupId, epoch, cursor: 1 });
    await dora.restart();
    await soon(async () => expect(await dora.words("Quartet")).toEqual(["after dora came"]));
    await settleAll(ada, bob, eve, dora);
    expect(await dora.words("Quartet")).toEqual(["after dora came"]);
  });
});
