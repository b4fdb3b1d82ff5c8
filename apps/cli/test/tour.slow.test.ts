/** The tour: a server and two people, each command a process of its own, with `--json`. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

const SOTTO = join(import.meta.dirname, "..", "bin", "sotto.mjs");
const folder = mkdtempSync(join(tmpdir(), "sotto-tour-"));
let server: ChildProcess | undefined;
let address = "";

type Ran = { readonly exit: number; readonly values: readonly Record<string, unknown>[]; readonly problem: string };

function sotto(person: string, ...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, SOTTO_PASSPHRASE: `${person}'s passphrase` };
  const [name = "", ...rest] = args;
  const full = [SOTTO, name, "--json", "--profile", join(folder, person), ...rest];
  return new Promise((resolve) => {
    execFile(process.execPath, full, { env }, (error, stdout, stderr) => {
      const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
      const values = lines.map((line): Record<string, unknown> => JSON.parse(line));
      resolve({ exit: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, values, problem: stderr });
    });
  });
}

async function done(person: string, ...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { exit, values, problem } = await sotto(person, ...args);
  if (exit !== 0) throw new Error(`${args.join(" ")}: ${problem}`);
  return values;
}

beforeAll(async () => {
  server = spawn(process.execPath, [SOTTO, "serve", "--port", "0", "--data", join(folder, "server"), "--json"]);
  address = await new Promise<string>((resolve, reject) => {
    server?.once("exit", () => reject(new Error("the server ended")));
    server?.stdout?.on("data", (data: Buffer) => {
      const found = /"address":"([^"]+)"/.exec(data.toString());
      if (found?.[1] !== undefined) resolve(found[1]);
    });
  });
});
afterAll(async () => {
  const ended = new Promise((resolve) => server?.once("exit", resolve));
  server?.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

test("two people talk, in a process for each step", { timeout: 180_000 }, async () => {
  const [ada] = await done("ada", "signup", "ada", "--server", address);
  expect(ada?.["recoveryKey"]).toMatch(/^[a-z0-9 -]{52,}$/i);
  await done("bob", "signup", "bob", "--server", address);
  expect((await done("bob", "whoami"))[0]).toMatchObject({ username: "bob", isRegistered: true });

  expect((await done("ada", "send", "@bob", "Hello Bob"))[0]).toMatchObject({ text: "Hello Bob", state: "sent", isOwn: true });
  expect((await done("bob", "list"))[0]).toMatchObject({ kind: "direct", status: "request", title: "ada", unread: 1 });
  expect((await done("bob", "accept", "@ada"))[0]).toMatchObject({ status: "active" });
  await done("bob", "send", "@ada", "Hello Ada, gut angekommen");
  expect((await done("bob", "read", "@ada")).map(({ from, text }) => [from, text])).toEqual([
    ["ada", "Hello Bob"],
    ["bob", "Hello Ada, gut angekommen"],
  ]);
  const seen = await done("ada", "read", "@bob");
  expect(seen.map(({ from, text, state }) => [from, text, state])).toEqual([
    ["ada", "Hello Bob", "read"],
    ["bob", "Hello Ada, gut angekommen", "received"],
  ]);
  expect(await done("ada", "search", "GEKOM")).toHaveLength(1);

  const note = join(folder, "shopping list.txt");
  writeFileSync(note, "flour, butter, eggs");
  expect((await done("ada", "attach", "@bob", note, "--caption", "For Sunday"))[0]).toMatchObject({
    state: "sent",
    attachments: [{ name: "shopping list.txt", mediaType: "text/plain", size: 19 }],
  });
  const [shown] = (await done("bob", "read", "@ada")).filter(({ text }) => text === "For Sunday");
  const [saved] = await done("bob", "save", String(shown?.["id"]), "--to", join(folder, "bob"));
  expect(readFileSync(String(saved?.["path"]), "utf8")).toBe("flour, butter, eggs");
  expect(await done("bob", "search", "opping")).toHaveLength(1);

  const watching = done("bob", "watch", "--count", "2");
  await done("ada", "send", "@bob", "one");
  await done("ada", "send", "@bob", "two");
  expect((await watching).map(({ text }) => text)).toEqual(["one", "two"]);

  const [sent] = await done("ada", "send", "@bob", "thre");
  const id = String(sent?.["id"]);
  expect((await done("ada", "edit", id, "three"))[0]).toMatchObject({ text: "three", isEdited: true });
  await done("bob", "list");
  expect((await done("bob", "react", id, "👍"))[0]).toMatchObject({ reactions: [{ emoji: "👍" }] });
  expect((await done("ada", "delete", id))[0]).toMatchObject({ kind: "deleted", text: "" });

  await done("ada", "group", "create", "Choir", "@bob");
  await done("bob", "send", "Choir", "here too");
  expect((await done("ada", "read", "Choir")).filter(({ kind }) => kind === "text").map(({ text }) => text)).toEqual(["here too"]);
});

type Values = readonly Record<string, unknown>[];
type Talking = {
  readonly next: () => Promise<Record<string, unknown>>;
  readonly say: (line: string) => void;
  readonly stop: () => void;
  readonly ended: Promise<unknown>;
};

/** A command that one talks with while it runs. */
function talk(person: string, ...args: readonly string[]): Talking {
  const env = { ...process.env, SOTTO_PASSPHRASE: `${person}'s passphrase` };
  const child = spawn(process.execPath, [SOTTO, ...args, "--json", "--profile", join(folder, person)], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const next = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${args.join(" ")} ended`);
    const value: Record<string, unknown> = JSON.parse(line.value);
    return value;
  };
  return { next, say: (line) => void child.stdin.write(`${line}\n`), stop: () => void child.kill("SIGINT"), ended };
}

test("a second device is linked, talks, and is taken out; a third one comes with the recovery key", { timeout: 180_000 }, async () => {
  const old = talk("ada", "link");
  const { code, server: where } = await old.next();
  expect(where).toBe(address);
  const laptop = talk("ada-laptop", "link", String(code), "--name", "laptop", "--server", address);
  const { digits } = await laptop.next();
  old.say(String(digits));
  expect(await old.next()).toMatchObject({ name: "laptop", isAdmitted: true });
  expect(await laptop.next()).toMatchObject({ username: "ada", isAdmitted: true });
  expect(await Promise.all([old.ended, laptop.ended])).toEqual([0, 0]);
  expect((await done("ada-laptop", "send", "@bob", "from the laptop"))[0]).toMatchObject({ state: "sent" });
  expect((await done("ada", "read", "@bob")).at(-1)).toMatchObject({ text: "from the laptop", isOwn: true });
  const list: Values = await done("ada", "devices");
  expect(list.map(({ name, isThis }) => [name, isThis])).toEqual([
    ["", true],
    ["laptop", false],
  ]);
  const [changed, only, ...more] = await done("ada", "devices", "revoke", String(list[1]?.["id"]));
  expect([changed?.["recoveryKey"], only?.["isThis"], more]).toEqual([expect.stringMatching(/^[a-z2-7 ]{64}$/), true, []]);
  expect(await sotto("ada-laptop", "list")).toMatchObject({ exit: 1, problem: expect.stringContaining("device_revoked") });
  const tablet = talk("ada-tablet", "signin", "ada", "--recovery", "--name", "tablet", "--server", address);
  tablet.say(String(changed?.["recoveryKey"]));
  const watching = talk("ada", "watch");
  expect(await tablet.next()).toMatchObject({ username: "ada", isAdmitted: true });
  watching.stop();
  await Promise.all([watching.ended, tablet.ended]);
  // Whatever the phone had still to tell when it was stopped.
  await done("ada", "list");
  const views = await done("ada-tablet", "list");
  expect(views.map(({ title, status }) => `${String(title)} ${String(status)}`).toSorted()).toEqual(["Choir active", "bob active"]);
});

test("what goes wrong has an exit code and a code", { timeout: 60_000 }, async () => {
  expect(await sotto("nobody", "whoami")).toMatchObject({ exit: 1, problem: expect.stringContaining("profile_none") });
  expect(existsSync(join(folder, "nobody"))).toBe(false);
  expect(await sotto("bob", "signup", "bob", "--server", "http://127.0.0.1:1")).toMatchObject({
    exit: 1,
    problem: expect.stringContaining("profile_exists"),
  });
  expect(await sotto("bob", "list")).toMatchObject({ exit: 0, problem: "" });
  expect(await sotto("carl", "signup", "bob", "--server", address)).toMatchObject({
    exit: 1,
    problem: expect.stringContaining("username_taken"),
  });
  expect(await sotto("ada", "send", "@bob")).toMatchObject({ exit: 2, problem: expect.stringContaining("usage") });
  const mistyped = await sotto("ada", "sned");
  expect([mistyped.exit, JSON.parse(mistyped.problem)]).toEqual([
    2,
    { error: "usage", message: "There is no command sned. Did you mean send?" },
  ]);
  expect(await sotto("ada", "send", "@bob", "- eggs")).toMatchObject({ exit: 2, problem: expect.stringContaining("Put -- before") });
  expect((await done("ada", "send", "choir", "--", "- eggs"))[0]).toMatchObject({ text: "- eggs" });
  expect(await sotto("ada", "send", "Choire", "hi")).toMatchObject({ exit: 1, problem: expect.stringContaining("conversation_unknown") });
  expect(await sotto("ada", "send", "@nosuchperson", "hi")).toMatchObject({
    exit: 1,
    problem: expect.stringContaining("username_unknown"),
  });
});
