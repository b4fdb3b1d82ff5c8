/**
 * A person who writes into a group without end, as a process of its own, for tests that kill it. Prints a line for each message once it was
 * taken for sending. Arguments: folder of the profile, address of the server, name, seed, and a mistake: `forgetful`, whose
 * store does not wait for the disk, or `hasty`, which prints first and stores then.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { TEST_KEY } from "./keys.ts";
import { seededRandom } from "./random.ts";

const PAUSE_MS = 20;
const HASTE_MS = 50;
const RENAMES = 0.02;

const [profile = "", address = "", name = "", seed = "0", mistake = ""] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const store = openStore(join(profile, "profile.db"), { key: TEST_KEY });
if (mistake === "forgetful") await store.all("PRAGMA synchronous = OFF");
const client = await Client.open(await nodePorts(store, address));
client.connect();
const group = (await client.conversations()).find(({ kind }) => kind === "group");
if (group === undefined) throw new Error("there is no group to write into");
for (let count = 0; ; count++) {
  const text = `${name} ${seed}.${count}`;
  if (mistake === "hasty") {
    process.stdout.write(`${text}\n`);
    await delay(HASTE_MS);
  }
  await client.sendText(group.log, text);
  if (mistake !== "hasty") process.stdout.write(`${text}\n`);
  if (random() < RENAMES) await client.rename(group.log, `title ${text}`);
  await delay(random() * PAUSE_MS);
}
