/** The whole tour as a script, each command a process of its own: two people, then five of whom three have two devices each. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { CHILD_ENV, newFolder, type Ran, run, serve, SOTTO } from "./support/processes.ts";

const ENV = { SOTTO_PASSPHRASE: "only for this test" };
const MESSAGES = 20;

type Values = Ran["values"];

class Script {
  readonly #folder: string;
  readonly #address: string;

  private constructor(address: string, folder: string) {
    this.#address = address;
    this.#folder = folder;
  }

  static async start(): Promise<Script> {
    const folder = newFolder();
    const { address } = await serve(join(folder, "server"));
    return new Script(address, folder);
  }

  async sotto(profile: string, ...args: readonly string[]): Promise<Values> {
    const ran = await run([...args, "--profile", join(this.#folder, profile)], { env: ENV });
    if (ran.exit !== 0) throw new Error(`${args.join(" ")}: ${ran.problem}`);
    return ran.values;
  }

  signUp(name: string): Promise<Values> {
    return this.sotto(name, "signup", name, "--server", this.#address);
  }

  /** A command that one talks with while it runs. */
  #talk(profile: string, ...args: readonly string[]) {
    const full = [SOTTO, ...args, "--json", "--profile", join(this.#folder, profile)];
    const child = spawn(process.execPath, full, { env: { ...CHILD_ENV, ...ENV }, stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = once(child, "exit");
    const next = async (): Promise<Record<string, unknown>> => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${args.join(" ")} ended`);
      const value: Record<string, unknown> = JSON.parse(line.value);
      return value;
    };
    return { next, say: (line: string) => void child.stdin.write(`${line}\n`), ended };
  }

  /** `NAME-2` becomes a device of NAME. */
  async link(name: string): Promise<boolean> {
    const old = this.#talk(name, "link");
    const { code } = await old.next();
    const device = this.#talk(`${name}-2`, "link", String(code), "--name", "second", "--server", this.#address);
    const { digits } = await device.next();
    old.say(String(digits));
    const { isAdmitted } = await device.next();
    await Promise.all([old.ended, device.ended]);
    return isAdmitted === true;
  }

  /** The texts of a conversation, once there are so many of them. */
  async texts(profile: string, conversation: string, count: number): Promise<string[]> {
    for (let round = 0; ; round++) {
      const rows = await this.sotto(profile, "read", conversation, "--limit", "200");
      const texts = rows.filter(({ kind }) => kind === "text").map(({ text }) => String(text));
      if (texts.length >= count || round === 10) return texts;
    }
  }
}

test("two people write each other twenty times; five people on eight devices read the same", { timeout: 600_000 }, async () => {
  const script = await Script.start();
  const people = ["ada", "bob", "cleo", "dan", "eve"];
  for (const name of people) await script.signUp(name);

  await script.sotto("ada", "send", "@bob", "ada 0");
  expect((await script.sotto("bob", "list"))[0]).toMatchObject({ status: "request", title: "ada", unread: 1 });
  await script.sotto("bob", "accept", "@ada");
  const talk = ["ada 0"];
  for (let i = 0; i < MESSAGES; i++) {
    for (const [from, to] of [
      ["ada", "@bob"],
      ["bob", "@ada"],
    ] as const) {
      if (from === "ada" && i === 0) continue;
      expect((await script.sotto(from, "send", to, `${from} ${i}`))[0]).toMatchObject({ state: "sent" });
      talk.push(`${from} ${i}`);
    }
  }
  expect(talk).toHaveLength(2 * MESSAGES);
  expect(await script.texts("ada", "@bob", talk.length)).toEqual(talk);
  expect(await script.texts("bob", "@ada", talk.length)).toEqual(talk);

  for (const name of ["ada", "cleo", "eve"]) expect(await script.link(name)).toBe(true);
  const devices = [...people, "ada-2", "cleo-2", "eve-2"];
  await script.sotto("ada", "group", "create", "Choir", ...people.slice(1).map((name) => `@${name}`));
  for (const device of devices) await script.sotto(device, "list");
  for (const device of devices) {
    expect((await script.sotto(device, "send", "Choir", `from ${device}`))[0]).toMatchObject({ state: "sent" });
  }
  const expected = devices.map((device) => `from ${device}`);
  for (const device of devices) expect(await script.texts(device, "Choir", devices.length)).toEqual(expected);
});
