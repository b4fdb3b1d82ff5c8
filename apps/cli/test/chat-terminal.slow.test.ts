/** The chat in a real pseudo-terminal, made by `script`: open, write, see the answer, search, quit. Skipped where there is no `script`. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveServerAddress } from "@sotto/client";
import { openStore } from "@sotto/client/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeTerminal } from "./support/fake-terminal.ts";
import { TEST_KEY } from "./support/keys.ts";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const SOTTO = join(import.meta.dirname, "..", "bin", "sotto.mjs");
const [COLUMNS, ROWS] = [80, 24];
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

const world = new World();
let ada: Person;
let bob: Person;

class Terminal {
  readonly screen = new FakeTerminal(COLUMNS, ROWS);
  readonly #process: ChildProcess;
  readonly ended: Promise<number>;

  constructor(profile: string, environment: Readonly<Record<string, string>> = {}) {
    const command = `stty rows ${ROWS} cols ${COLUMNS}; exec '${process.execPath}' '${SOTTO}' chat --profile '${profile}' --key-file '${join(world.folder, "key")}'`;
    this.#process = spawn("script", ["-qefc", command, "/dev/null"], { env: { ...process.env, ...environment } });
    this.#process.stdout?.setEncoding("utf8").on("data", (output: string) => this.screen.write(output));
    this.ended = new Promise((resolve) => this.#process.once("exit", (code) => resolve(code ?? -1)));
  }

  type(keys: string): void {
    this.#process.stdin?.write(keys);
  }

  async shows(...texts: readonly string[]): Promise<void> {
    await soon(() => {
      const missing = texts.filter((text) => !this.screen.text.includes(text));
      if (missing.length > 0) throw new Error(`${missing.join(", ")} is not on the screen:\n${this.screen.text}`);
      return Promise.resolve();
    });
  }

  end(): void {
    this.#process.kill();
  }
}

const open: Terminal[] = [];
function chat(profile: string, environment?: Readonly<Record<string, string>>): Terminal {
  const terminal = new Terminal(profile, environment);
  open.push(terminal);
  return terminal;
}

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
  writeFileSync(join(world.folder, "key"), TEST_KEY);
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "Hello Bob");
  await settleAll(ada);
  await soon(async () => bob.client.accept((await bob.conversation("ada")).log));
  await settleAll(bob, ada);
  await bob.client.close();
  world.people.delete(bob);
  const store = openStore(join(world.folder, "bob", "profile.db"), { key: TEST_KEY });
  await saveServerAddress(store, world.address);
  await store.close();
});
afterAll(async () => {
  for (const terminal of open) terminal.end();
  await world.end();
});

test.skipIf(!hasScript)(
  "one opens it, writes, sees the answer, finds it, and quits with the terminal as it was",
  { timeout: 60_000 },
  async () => {
    const profile = join(world.folder, "bob");
    const terminal = chat(profile);
    await terminal.shows("@bob", "1 @ada", "Hello Bob", "Write to @ada", "online");
    expect(terminal.screen.isAlternate).toBe(true);
    terminal.type("Hi Ada 👩‍💻");
    await soon(async () => {
      // A signal that is lost is not sent again by itself: one types on.
      terminal.type(" \u007f");
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(ada.client.typing.in((await ada.conversation("bob")).log)).toHaveLength(1);
    });
    terminal.type("\r");
    await soon(async () => {
      expect((await ada.words("bob")).at(-1)).toBe("Hi Ada 👩‍💻");
    });
    await terminal.shows("you Hi Ada", "✓✓");
    await ada.client.sendText((await ada.conversation("bob")).log, "The needle is here");
    await terminal.shows("ada The needle is here");
    await soon(async () => {
      await settleAll(ada);
      expect((await ada.messages("bob")).at(-1)?.state).toBe("read");
    });
    terminal.type("\u0006");
    await terminal.shows("Search");
    terminal.type("eedl");
    await terminal.shows("The needle is here", "@ada  ada");
    terminal.type("\r");
    await terminal.shows("r answer");
    terminal.type("+1");
    await terminal.shows("👍");
    terminal.type("half a thought");
    await terminal.shows("half a thought");
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen.isAlternate).toBe(false);

    const again = chat(profile, { NO_COLOR: "1" });
    await again.shows("half a thought", "👍");
    again.type("\u0011");
    expect(await again.ended).toBe(0);
  },
);

test.skipIf(!hasScript)("without a connection one still reads and writes, and it is sent later", { timeout: 60_000 }, async () => {
  await world.stopServer();
  const terminal = chat(join(world.folder, "bob"));
  await terminal.shows("no connection", "The needle is here");
  // What was a draft goes first.
  terminal.type("\u0015written offline\r");
  await terminal.shows("you written offline");
  await world.startServer();
  await soon(async () => {
    expect((await ada.words("bob")).at(-1)).toBe("written offline");
  });
  await terminal.shows("online");
  terminal.type("/quit\r");
  expect(await terminal.ended).toBe(0);
});
