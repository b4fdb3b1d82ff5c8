/** What a device keeps of a message that its writer took back: searched for in every value of every table of the open store. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
beforeAll(() => world.startServer());
afterAll(() => world.end());

const bytesOf = (value: unknown): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(typeof value === "string" ? value : "");

/** The tables that have the words. */
async function tablesWith({ store }: Person, words: string): Promise<string[]> {
  const tables = await store.all("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'");
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await store.all(`SELECT * FROM "${String(name)}"`);
    if (rows.some((row) => Object.values(row).some((value) => bytesOf(value).includes(words)))) found.push(String(name));
  }
  return found;
}

const idOf = async (person: Person, title: string, words: string) => {
  const message = (await person.messages(title)).find(({ text }) => text === words);
  if (message?.messageId === undefined) throw new Error("not there yet");
  return message.messageId;
};

test("a message that is taken back leaves no text and no evidence, neither its first words nor its edited ones", async () => {
  const [ada, bob] = [await world.person("ada"), await world.person("bob")];
  const log = await ada.client.direct(await ada.client.findPerson("bob"));
  await ada.client.sendText(log, "the accordion, I never liked it");
  await settleAll(ada, bob);
  await soon(async () => bob.client.accept((await bob.conversation("ada")).log));
  const id = await idOf(ada, "bob", "the accordion, I never liked it");
  await ada.client.sendText(log, "the bagpipes, I never liked them", { replaces: id });
  await settleAll(ada, bob);
  await soon(async () => expect(await bob.words("ada")).toEqual(["the bagpipes, I never liked them"]));
  expect(await tablesWith(ada, "the accordion")).toContain("sent");
  // What somebody else says of it takes nothing away.
  await bob.client.unsend((await bob.only()).log, id);
  await settleAll(bob, ada);
  expect(await tablesWith(ada, "the accordion")).toContain("sent");
  await ada.client.unsend(log, id);
  await settleAll(ada, bob);
  await soon(async () => {
    for (const person of [ada, bob]) {
      for (const words of ["the accordion", "the bagpipes"]) expect(await tablesWith(person, words)).toEqual([]);
      expect(await person.store.all("SELECT evidence FROM messages WHERE kind = 'deleted'")).toEqual([{ evidence: null }]);
    }
  });
});
