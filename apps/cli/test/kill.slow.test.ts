/**
 * `kill -9` under load: a server and three people who write into one group, each a process of its own, killed 200 times in all at moments
 * that a seed chooses. What a client took for sending arrives once, in the order of its writer, and all see the same order.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { checkChoir, gatherChoir, type Singer, SINGERS, startWriting } from "./support/choir.ts";
import { newFolder, run, serve, type Served } from "./support/processes.ts";
import { seededRandom } from "./support/random.ts";

const KILLS = Number(process.env["SOTTO_KILLS"] ?? 200);
const SEED = Number(process.env["SOTTO_SEED"] ?? 1);
const SERVER_KILLS = Math.floor(KILLS * 0.3);
const CLIENT_KILLS = Math.ceil((KILLS - SERVER_KILLS) / SINGERS.length);
/** How long a process lives once it works, at most; and from its start, for one in so many that does not come so far. */
const LIFE_MS = 800;
const STILLBORN = 0.15;
const STARTING_MS = 400;

const random = seededRandom(SEED);

/** Waits until it works and a random while more; or only a random while, so that some are killed while they start. */
async function lifetime(working: Promise<unknown>): Promise<void> {
  if (random() < STILLBORN) return delay(random() * STARTING_MS);
  await working;
  return delay(random() * LIFE_MS);
}

test(`${KILLS} kills under load`, { timeout: 600_000 }, async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  const began = Date.now();
  const args = ["--free-mib", "0"];
  const start = (port: number): Promise<Served> => serve(data, { args, port });
  const first = await start(0);
  const stage = { folder, address: first.address };
  await gatherChoir(stage);
  // Those that end in peace leave what they have compiled to the others.
  await run(["whoami", "--profile", join(folder, "ada")], { env: { SOTTO_PASSPHRASE: "wrong" } });
  await first.end("SIGTERM");
  let server = await start(first.port);

  const taken = new Map<Singer, string[]>(SINGERS.map((name) => [name, []]));
  const killWriter = async (name: Singer): Promise<void> => {
    for (let life = 0; life < CLIENT_KILLS; life++) {
      const writing = startWriting(stage, name, { seed: SEED * 10_000 + life });
      await lifetime(writing.working);
      taken.get(name)?.push(...(await writing.kill()));
    }
  };
  const killServer = async (): Promise<void> => {
    for (let life = 0; life < SERVER_KILLS; life++) {
      await delay(random() * LIFE_MS);
      expect(await server.end("SIGKILL")).toBe(null);
      server = await start(first.port);
    }
  };
  await Promise.all([killServer(), ...SINGERS.map((name) => killWriter(name))]);

  const { arrived } = await checkChoir(stage, taken);
  const count = [...taken.values()].reduce((sum, { length }) => sum + length, 0);
  // Killed between the store and the line, a writer does not know of a message that is there: at most one in each life.
  expect(arrived - count).toBeLessThanOrEqual(CLIENT_KILLS * SINGERS.length);
  expect(count).toBeGreaterThan(KILLS);
  const check = async (): Promise<unknown> => (await run(["admin", "check", "--data", data])).values[0];
  expect(await check()).toMatchObject({ findings: [] });
  expect(await server.end("SIGTERM")).toBe(0);
  expect(await check()).toMatchObject({ findings: [] });
  const kills = `${SERVER_KILLS} kills of the server and ${CLIENT_KILLS * SINGERS.length} of clients (seed ${SEED})`;
  process.stdout.write(`${kills} in ${Math.round((Date.now() - began) / 1000)} s: ${count} messages taken, ${arrived} arrived, 0 lost\n`);
});

test("a client that tells before it stores is found out", { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const server = await serve(join(folder, "data"), { args: ["--free-mib", "0"] });
  const stage = { folder, address: server.address };
  await gatherChoir(stage);
  const taken: string[] = [];
  for (let life = 0; life < 8; life++) {
    const writing = startWriting(stage, "ada", { seed: life, mistake: "hasty" });
    await writing.working;
    await delay(random() * LIFE_MS);
    taken.push(...(await writing.kill()));
  }
  await expect(checkChoir(stage, new Map([["ada", taken]]))).rejects.toThrow(/to deeply equal/);
});
