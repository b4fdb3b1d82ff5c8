/** What a profile holds and cannot read any more holds nothing else up (spec/client-store.md §Stored forms). */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SqlValue, Statement } from "@sotto/client";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;
let eve: Person;
const NOISE = Uint8Array.of(0x83, 1, 2);

beforeAll(async () => {
  await world.startServer();
  [ada, bob, eve] = [await world.person("ada"), await world.person("bob"), await world.person("eve")];
  await ada.client.createGroup("Choir", [await ada.client.findPerson("bob")]);
  await soon(async () => void (await bob.conversation("Choir")));
  await settleAll(ada, bob);
});
afterAll(() => world.end());

async function say(person: Person, text: string): Promise<void> {
  await person.client.sendText((await person.conversation("Choir")).log, text);
}

const heard = (person: Person, text: string): Promise<void> =>
  soon(async () => expect((await person.words("Choir")).filter((word) => word === text)).toEqual([text]));

/** The next statement that begins like this and is about this kind of row is stored with noise in the place of one parameter. Whether it was. */
function spoilNext(person: Person, { begins, at, has }: { begins: string; at: number; has?: string }): () => boolean {
  let isSpoilt = false;
  const isMeant = ({ sql, parameters }: Statement): boolean =>
    sql.startsWith(begins) && parameters[at] instanceof Uint8Array && (has === undefined || parameters.includes(has));
  person.store.refuses = (batch) => {
    const statement = batch.find(isMeant);
    if (statement === undefined) return false;
    (statement.parameters as SqlValue[])[at] = NOISE;
    person.store.refuses = () => false;
    isSpoilt = true;
    return false;
  };
  return () => isSpoilt;
}

/** Noise in a column of the rows of the outbox that this is true of; how many they are. */
async function spoil(person: Person, column: "draft" | "request", where: string): Promise<number> {
  const rows = await person.store.all(`SELECT id FROM outbox WHERE ${where}`);
  await person.store.write([{ sql: `UPDATE outbox SET ${column} = ? WHERE ${where}`, parameters: [NOISE] }]);
  return rows.length;
}

test("a plan that cannot be read is given up, and what stands behind it leaves", async () => {
  ada.client.disconnect();
  const { log } = await ada.conversation("Choir");
  await ada.client.groups.setName(log, "Chorus");
  await say(ada, "behind the plan");
  expect(await spoil(ada, "draft", "kind = 'commit'")).toBe(1);
  await ada.restart();
  await heard(bob, "behind the plan");
  await settleAll(ada, bob);
  expect((await ada.conversation("Choir")).trouble).toBeUndefined();
});

test("a request that cannot be read is made again, and its message arrives once", async () => {
  ada.client.disconnect();
  await say(ada, "sealed twice");
  expect(await spoil(ada, "request", "request IS NOT NULL")).toBe(1);
  await ada.restart();
  await heard(bob, "sealed twice");
  await settleAll(ada, bob);
  expect((await ada.messages("Choir")).at(-1)).toMatchObject({ text: "sealed twice", state: "sent" });
});

test("a content that cannot be read shows as failed, and what stands behind it leaves", async () => {
  ada.client.disconnect();
  await ada.client.groups.setName((await ada.conversation("Choir")).log, "Choir");
  await say(ada, "spoilt");
  await say(ada, "behind the spoilt one");
  expect(await spoil(ada, "draft", "request IS NULL AND local_id = (SELECT local_id FROM messages WHERE text = 'spoilt')")).toBe(1);
  await ada.restart();
  await heard(bob, "behind the spoilt one");
  await settleAll(ada, bob);
  expect((await ada.messages("Choir")).find(({ text }) => text === "spoilt")).toMatchObject({ state: "failed" });
  expect(await bob.words("Choir")).not.toContain("spoilt");
});

test("a commit whose state cannot be read is one that the device does not know: it comes back in, and the commit counts", async () => {
  const { log } = await ada.conversation("Choir");
  const isSpoilt = spoilNext(ada, { begins: "UPDATE outbox SET request", at: 2 });
  await ada.client.groups.setName(log, "Chorus");
  await soon(async () => void (await bob.conversation("Chorus")));
  await soon(async () => void (await ada.conversation("Chorus")));
  expect(isSpoilt()).toBe(true);
  await ada.client.sendText(log, "back again");
  await soon(async () => expect((await bob.words("Chorus")).at(-1)).toBe("back again"));
  await settleAll(ada, bob);
});

test("an invitation that cannot be read is lost alone", async () => {
  spoilNext(ada, { begins: "INSERT INTO outbox", at: 4, has: "deliver" });
  await ada.client.createGroup("Trio", [await ada.client.findPerson("bob"), await ada.client.findPerson("eve")]);
  const invited = [bob, eve];
  await soon(async () => {
    const titles = await Promise.all(invited.map(async ({ client }) => (await client.conversations()).map(({ title }) => title)));
    expect(titles.flat().filter((title) => title === "Trio")).toHaveLength(1);
  });
  await ada.client.sendText((await ada.conversation("Trio")).log, "to whoever came");
  await settleAll(ada);
  expect((await ada.messages("Trio")).at(-1)).toMatchObject({ state: "sent" });
});
