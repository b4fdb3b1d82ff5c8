/** What cannot be sent says why, and what to do. */
import { sentenceOf } from "@sotto/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needSent } from "../src/profile.ts";
import { showMessage } from "../src/show.ts";
import { type Person, settleAll, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
});
afterAll(() => world.end());

const change = (person: Person, sql: string): Promise<void> => person.store.write([{ sql, parameters: [] }]);

test("a message that cannot be sent keeps the reason, also after a restart, and is not blamed on having left", async () => {
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello Bob");
  await settleAll(ada, bob, ada);
  ada.client.disconnect();
  const localId = await ada.client.sendText((await ada.conversation("bob")).log, "damaged on the disk");
  await change(ada, "UPDATE outbox SET request = NULL, entry_id = NULL, draft = x'00' WHERE kind = 'message'");
  ada.client.connect();
  await ada.settle();
  await ada.restart();
  const message = await ada.client.message(localId);
  expect(message).toMatchObject({ state: "failed", failure: "form_invalid" });
  await expect(needSent(ada.client, localId)).rejects.toMatchObject({ code: "form_invalid" });
  const shown = message && showMessage(ada.client, message);
  expect(shown?.value["failure"]).toBe("form_invalid");
  expect(shown?.line).toContain(sentenceOf("form_invalid"));
});

test("with a conversation that cannot be made, what was written into it is not shown as on its way for ever", async () => {
  const { log } = await ada.conversation("bob");
  ada.client.disconnect();
  const written = [await ada.client.sendText(log, "one"), await ada.client.sendText(log, "two")];
  const unmade = "SELECT min(id) - 1, lane, log, x'01', 'create', x'00' FROM outbox WHERE kind = 'message' GROUP BY lane";
  await change(ada, `INSERT INTO outbox (id, lane, log, local_id, kind, draft) ${unmade}`);
  ada.client.connect();
  await ada.settle();
  for (const localId of written) expect(await ada.client.message(localId)).toMatchObject({ state: "failed", failure: "store_damaged" });
  expect(await ada.conversation("bob")).toMatchObject({ trouble: "store_damaged" });
});
