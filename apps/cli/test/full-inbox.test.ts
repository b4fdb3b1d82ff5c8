/** Somebody's inbox is full of what strangers left. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { LIMITS } from "@sotto/protocol";
import { soon, World } from "./support/world.ts";

const world = new World();
afterAll(() => world.end());

/** As if so many strangers had written to every inbox. */
const FILL = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.inboxStrangerItemsMax})
  INSERT INTO inbox_item (inbox, seq, bytes, stranger_bytes) SELECT number, -i, x'00', 1 FROM inbox, n`;

function inServer(sql: string): void {
  const database = new DatabaseSync(join(world.folder, "server", "accounts.db"), { timeout: 5_000 });
  database.exec(sql);
  database.close();
}

test("who is written to meanwhile gets it later, and the sender's other work is done at once", async () => {
  await world.startServer();
  const [ada, bob, eve] = [await world.person("ada"), await world.person("bob"), await world.person("eve")];
  await eve.client.sendText(await eve.client.direct(await eve.client.findPerson("@bob")), "Before");
  await eve.settle();
  await soon(async () => expect(await bob.words("eve")).toEqual(["Before"]));
  await bob.settle();
  bob.client.disconnect();
  inServer(FILL);

  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("@bob")), "Are you there?");
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("@eve")), "And you?");
  await ada.settle();
  expect(await ada.client.isRoomAwaited()).toBe(true);
  expect((await ada.messages("bob"))[0]?.state).toBe("sent");
  await soon(async () => expect(await eve.words("ada")).toEqual(["And you?"]));

  inServer("DELETE FROM inbox_item WHERE seq < 0");
  await ada.restart();
  bob.client.connect();
  await soon(async () => expect(await bob.words("ada")).toEqual(["Are you there?"]));
  await soon(async () => expect(await ada.client.isRoomAwaited()).toBe(false));
});
