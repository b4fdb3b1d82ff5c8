/** Three people in one group, and processes in which they write into it: what tests of killed machines share. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Client, type MessageView } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { expect, onTestFinished } from "vitest";
import { TEST_KEY } from "./keys.ts";
import { CHILD_ENV } from "./processes.ts";
import { soon } from "./world.ts";

export const SINGERS = ["ada", "bob", "cleo"] as const;
export type Singer = (typeof SINGERS)[number];

const CHATTER = join(import.meta.dirname, "chatter.ts");

/** Where the profiles are, and the server. */
export type Stage = { readonly folder: string; readonly address: string };

export async function openSinger({ folder, address }: Stage, name: Singer): Promise<Client> {
  const client = await Client.open(await nodePorts(openStore(join(folder, name, "profile.db"), { key: TEST_KEY }), address));
  onTestFinished(() => client.close().catch(() => undefined));
  return client;
}

/** Whether every page of a closed profile is what was written, and the tables fit together. */
export async function isWhole({ folder }: Stage, name: Singer): Promise<boolean> {
  const store = openStore(join(folder, name, "profile.db"), { key: TEST_KEY });
  const pages = await store.all("PRAGMA cipher_integrity_check");
  const [tables] = await store.all("PRAGMA integrity_check");
  await store.close();
  return pages.length === 0 && tables?.["integrity_check"] === "ok";
}

/** Signs all up and makes the group. */
export async function gatherChoir(stage: Stage): Promise<void> {
  const clients = await Promise.all(SINGERS.map((name) => openSinger(stage, name)));
  for (const [at, client] of clients.entries()) await client.signUp({ username: SINGERS[at] ?? "", timeoutMs: 20_000 });
  const [ada] = clients;
  if (ada === undefined) throw new Error("nobody is there");
  const others = await Promise.all(SINGERS.slice(1).map((name) => ada.findPerson(name)));
  const log = await ada.createGroup("Choir", others);
  await soon(async () => expect((await ada.groups.info(log)).members).toHaveLength(SINGERS.length));
  for (const { account } of others) await ada.groups.setRole(log, account, "admin");
  for (const client of clients) {
    await soon(async () => {
      const [group] = await client.conversations();
      if (group === undefined) throw new Error("not invited yet");
      const { members } = await client.groups.info(group.log);
      // Each may change the title, so that their commits meet.
      expect(members.map(({ role }) => role).toSorted()).toEqual(["admin", "admin", "owner"]);
    });
  }
  for (const client of clients) await client.close();
}

type Mistake = "forgetful" | "hasty";

export type Writing = {
  readonly child: ChildProcess;
  /** Once the first message was taken, or the process has ended. */
  readonly working: Promise<unknown>;
  /** The messages that it took for sending so far, as far as is heard here, in order. */
  readonly taken: () => readonly string[];
  /** Kills it; the messages that it took for sending, in order. Throws if it had ended by itself, unless its disk is gone. */
  readonly kill: (isDiskGone?: boolean) => Promise<readonly string[]>;
};

/** A process that writes into the group until it is killed. The seed belongs to this life of it. */
export function startWriting(stage: Stage, name: Singer, life: { readonly seed: number; readonly mistake?: Mistake }): Writing {
  const args = [CHATTER, join(stage.folder, name), stage.address, name, String(life.seed), life.mistake ?? ""];
  const child = spawn(process.execPath, args, { env: CHILD_ENV, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [printed, problem] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (printed += data.toString()));
  child.stderr.on("data", (data: Buffer) => (problem += data.toString()));
  const [closed, gone] = [once(child, "close"), once(child, "exit")];
  // A line is printed whole or not at all; behind the last line break there is nothing.
  const taken = (): readonly string[] => printed.split("\n").slice(0, -1);
  return {
    child,
    taken,
    working: Promise.race([once(child.stdout, "data"), gone]),
    kill: async (isDiskGone = false) => {
      child.kill("SIGKILL");
      await closed;
      if (child.signalCode !== "SIGKILL" && !isDiskGone) throw new Error(`${name} ended by itself: ${problem}`);
      return taken();
    },
  };
}

const isText = ({ kind }: MessageView): boolean => kind === "text";

/** The texts of the group as this person sees them, its title, and the highest sequence number. */
export async function seenBy(client: Client): Promise<{ readonly texts: string[]; readonly title: string; readonly head: number }> {
  const [group] = await client.conversations();
  if (group === undefined) throw new Error("the group is gone");
  const messages = await client.messages(group.log, { limit: 1_000_000 });
  const head = Math.max(0, ...messages.map(({ seq }) => seq ?? 0));
  return { texts: messages.filter(isText).map(({ text }) => text), title: group.title, head };
}

/** Connects all, waits until they have everything, and checks that they see the same once each, and what they took in their order. */
export async function checkChoir(stage: Stage, taken: ReadonlyMap<Singer, readonly string[]>): Promise<{ readonly arrived: number }> {
  const clients = await Promise.all(SINGERS.map((name) => openSinger(stage, name)));
  for (const client of clients) client.connect();
  for (const client of clients) expect(await client.settled(60_000)).toBe(true);
  const [first, ...others] = clients;
  if (first === undefined) throw new Error("nobody is there");
  await soon(async () => {
    const { texts, title } = await seenBy(first);
    for (const other of others) expect(await seenBy(other)).toMatchObject({ texts, title });
  });
  const { texts } = await seenBy(first);
  expect(new Set(texts).size).toBe(texts.length);
  for (const [name, own] of taken) {
    const known = new Set(own);
    expect(texts.filter((text) => text.startsWith(`${name} `) && known.has(text))).toEqual(own);
  }
  for (const client of clients) await client.close();
  return { arrived: texts.length };
}
