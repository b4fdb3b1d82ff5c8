/**
 * The power goes out under load: of the server's machine, of the one with the clients, of both. What was acknowledged is there when it comes
 * back: every entry that a client has from the server, every message that a client took for sending.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, type TestContext } from "vitest";
import { checkChoir, gatherChoir, isWhole, openSinger, seenBy, type Singer, SINGERS, type Stage, startWriting } from "./support/choir.ts";
import { Disk, freeze, whyNoDisk } from "./support/disk.ts";
import { run, serve, type Served } from "./support/processes.ts";
import { seededRandom } from "./support/random.ts";

const CUTS = Number(process.env["SOTTO_CUTS"] ?? 9);
const SEED = Number(process.env["SOTTO_SEED"] ?? 1);
/** How long all write before the power goes out. */
const LOAD_MS = { least: 600, most: 2_000 };

type Machines = "server" | "clients" | "both";
const ROTA: readonly Machines[] = ["server", "clients", "both"];

type Round = { readonly machines: Machines; readonly seed: number; readonly mistake?: "server" | "clients" };

class PowerCuts {
  readonly #server = new Disk();
  readonly #clients = new Disk();
  readonly taken = new Map<Singer, string[]>(SINGERS.map((name) => [name, []]));
  readonly #random = seededRandom(SEED);
  #port = 0;
  lostEntries = 0;
  lostMessages = 0;

  get data(): string {
    return join(this.#server.path, "data");
  }

  get stage(): Stage {
    return { folder: this.#clients.path, address: `http://127.0.0.1:${this.#port}` };
  }

  async start(isForgetful = false): Promise<Served> {
    const env = isForgetful ? { NODE_OPTIONS: `--import=${join(import.meta.dirname, "support", "forgetful.ts")}` } : {};
    const server = await serve(this.data, { args: ["--free-mib", "0"], port: this.#port, env });
    this.#port = server.port;
    return server;
  }

  /** All write for a while, then the power of some machines goes out. What is lost then is counted. */
  async round({ machines, seed, mistake }: Round): Promise<void> {
    const server = await this.start(mistake === "server");
    const writers = SINGERS.map((name) => ({
      name,
      writing: startWriting(this.stage, name, { seed, ...(mistake === "clients" ? { mistake: "forgetful" as const } : {}) }),
    }));
    await Promise.all(writers.map(({ writing }) => writing.working));
    await delay(LOAD_MS.least + this.#random() * (LOAD_MS.most - LOAD_MS.least));
    // Those who would hear of what happens after the cut stop before it.
    await Promise.all(machines === "server" ? writers.map(({ writing }) => freeze(writing.child)) : [freeze(server.child)]);
    for (const { name, writing } of writers) this.taken.get(name)?.push(...writing.taken());
    if (machines !== "server") this.#clients.cut();
    if (machines !== "clients") this.#server.cut();
    await Promise.all([...writers.map(({ writing }) => writing.kill(machines !== "server")), server.end("SIGKILL")]);
    if (machines !== "server") this.#clients.restart();
    if (machines !== "clients") this.#server.restart();
    await this.#count();
  }

  /** Nothing runs: compares what is on the disks with what was told. What does not even pass its check has lost everything. */
  async #count(): Promise<void> {
    let head = 0;
    for (const name of SINGERS) {
      const own = this.taken.get(name) ?? [];
      if (!(await isWhole(this.stage, name).catch(() => false))) {
        this.lostMessages += own.length;
        continue;
      }
      const client = await openSinger(this.stage, name);
      const seen = await seenBy(client);
      await client.close();
      head = Math.max(head, seen.head);
      const kept = new Set(seen.texts);
      this.lostMessages += own.filter((text) => !kept.has(text)).length;
    }
    const { exit, values } = await run(["admin", "check", "--data", this.data]);
    const entries = exit === 0 ? Number(values[0]?.["entries"]) : 0;
    this.lostEntries += Math.max(0, head - entries);
  }
}

async function prepared(context: TestContext): Promise<PowerCuts> {
  const reason = whyNoDisk();
  if (reason !== undefined) context.skip(reason);
  const cuts = new PowerCuts();
  const server = await cuts.start();
  await gatherChoir(cuts.stage);
  await server.end("SIGTERM");
  return cuts;
}

test(`${CUTS} power cuts lose nothing that was acknowledged`, { timeout: 300_000 }, async (context) => {
  const cuts = await prepared(context);
  for (let round = 0; round < CUTS; round++) {
    await cuts.round({ machines: ROTA[round % ROTA.length] ?? "both", seed: SEED * 1_000 + round });
    expect([cuts.lostEntries, cuts.lostMessages]).toEqual([0, 0]);
  }
  const server = await cuts.start();
  const { arrived } = await checkChoir(cuts.stage, cuts.taken);
  await server.end("SIGTERM");
  expect(await run(["admin", "check", "--data", cuts.data])).toMatchObject({ exit: 0 });
  const count = [...cuts.taken.values()].reduce((sum, { length }) => sum + length, 0);
  process.stdout.write(`${CUTS} power cuts (seed ${SEED}): ${count} messages taken, ${arrived} arrived, 0 lost\n`);
});

test("a server that does not wait for its disk is found out", { timeout: 120_000 }, async (context) => {
  const cuts = await prepared(context);
  await cuts.round({ machines: "server", seed: SEED, mistake: "server" });
  expect(cuts.lostEntries).toBeGreaterThan(0);
});

test("a client that does not wait for its disk is found out", { timeout: 120_000 }, async (context) => {
  const cuts = await prepared(context);
  await cuts.round({ machines: "clients", seed: SEED, mistake: "clients" });
  expect(cuts.lostMessages).toBeGreaterThan(0);
});
