/** A real server and people with encrypted profiles, in one process, in a folder that goes away. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Clock, type ConversationView, type MessageView } from "@sotto/client";
import type { Insider } from "@sotto/client/testing/hostile";
import { Frames } from "./frames.ts";
import { FusedStore } from "./fused-store.ts";
import { TEST_KEY } from "./keys.ts";
import { nodePorts, openStore } from "@sotto/client/node";
import { type RunningServer, startServer } from "@sotto/server";
import { vi } from "vitest";

const SETTLE_MS = 20_000;
const LINK_MS = 10_000;

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "sotto-world-"));
  readonly people = new Set<Person>();
  #server: RunningServer | undefined;
  #port = 0;

  async startServer(): Promise<void> {
    this.#server = await startServer({ dataFolder: join(this.folder, "server"), port: this.#port, limits: { diskFreeBytesMin: 0 } });
    this.#port = this.#server.port;
  }

  /** A copy of all that the server has now. */
  async copyServer(): Promise<void> {
    await this.stopServer();
    cpSync(join(this.folder, "server"), join(this.folder, "server copy"), { recursive: true });
    await this.startServer();
  }

  /** The server as it was at the last copy. */
  async setServerBack(): Promise<void> {
    await this.stopServer();
    rmSync(join(this.folder, "server"), { recursive: true });
    cpSync(join(this.folder, "server copy"), join(this.folder, "server"), { recursive: true });
    await this.startServer();
  }

  /** Until everybody has noticed: a client that still takes itself for connected counts as settled. */
  async stopServer(): Promise<void> {
    if (this.#server === undefined) return;
    await this.#server.close();
    this.#server = undefined;
    await soon(async () => {
      for (const { isOnline, username } of this.people) if (isOnline) throw new Error(`${username} takes the server for running`);
    });
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async person(username: string): Promise<Person> {
    return (await this.signUp(username)).person;
  }

  async signUp(username: string): Promise<{ readonly person: Person; readonly recoveryKey: string }> {
    const person = await this.empty(username);
    const { recoveryKey } = await person.client.signUp({ username, timeoutMs: SETTLE_MS });
    return { person, recoveryKey };
  }

  /** A profile without an account. */
  async empty(username: string, device?: string): Promise<Person> {
    const person = new Person(this, username, device === undefined ? username : `${username}-${device}`);
    this.people.add(person);
    await person.open();
    return person;
  }

  /** Another device of a person, linked by a code that `old` shows. */
  async linked(old: Person, name: string): Promise<Person> {
    const device = await this.empty(old.username, name);
    await linkDevices(old, device, name);
    await device.settle();
    return device;
  }

  async end(): Promise<void> {
    for (const person of this.people) await person.client.close();
    await this.stopServer();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Person {
  readonly world: World;
  readonly username: string;
  readonly profile: string;
  /** What its connections ask. */
  readonly frames = new Frames();
  #client: Client | undefined;
  #fuse: FusedStore | undefined;
  #core: Insider["core"] | undefined;
  /** By how much this person's clock is ahead. */
  aheadMs = 0;
  #timersRunning = 0;
  #isOnline = false;

  constructor(world: World, username: string, profile = username) {
    this.world = world;
    this.username = username;
    this.profile = profile;
  }

  /** What this person's device keeps. */
  get store(): FusedStore {
    if (this.#fuse === undefined) throw new Error("not open");
    return this.#fuse;
  }

  get address(): string {
    return this.world.address;
  }

  /** For decisions outside of the engine. */
  get core(): Insider["core"] {
    if (this.#core === undefined) throw new Error("not open");
    return this.#core;
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error("not open");
    return this.#client;
  }

  async open(crashAfterWrites = Number.POSITIVE_INFINITY): Promise<void> {
    const store = openStore(join(this.world.folder, this.profile, "profile.db"), { key: TEST_KEY });
    this.#fuse = new FusedStore(store, crashAfterWrites);
    const real = await nodePorts(this.#fuse, this.world.address);
    const clock = { now: () => real.clock.now() + this.aheadMs, after: this.#after(real.clock) };
    const ports = { ...real, clock, transport: this.frames.over(real.transport) };
    this.#core = { crypto: ports.crypto, random: ports.random, now: ports.clock.now() };
    const client = await Client.open(ports);
    this.#client = client;
    this.#isOnline = false;
    client.on((event) => {
      if (event.kind === "connection" && client === this.#client) this.#isOnline = event.isOnline;
    });
  }

  /** Whether it has a connection, as far as it knows. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** How many calls the engine still waits for. */
  get timersRunning(): number {
    return this.#timersRunning;
  }

  #after({ after }: Clock): Clock["after"] {
    return (delayMs, call) => {
      this.#timersRunning++;
      let isRunning = true;
      const end = (): void => {
        if (isRunning) this.#timersRunning--;
        isRunning = false;
      };
      const cancel = after(delayMs, () => {
        end();
        call();
      });
      return () => {
        end();
        cancel();
      };
    };
  }

  get hasCrashed(): boolean {
    return this.#fuse?.isBlown ?? false;
  }

  /** As after the process was killed: nothing more is written, and the next one finds what was. */
  async crash(nextCrashAfterWrites?: number, { connects = true } = {}): Promise<void> {
    this.#fuse?.blow();
    await this.client.close();
    await this.open(nextCrashAfterWrites);
    if (connects) this.client.connect();
  }

  /** As after the process ended and began again. */
  async restart(): Promise<void> {
    await this.client.close();
    await this.open();
    this.client.connect();
  }

  /** A copy of the profile as it is now. */
  async copyProfile(): Promise<void> {
    await this.client.close();
    cpSync(join(this.world.folder, this.username), join(this.world.folder, `${this.username} copy`), { recursive: true });
    await this.open();
    this.client.connect();
  }

  /** The profile as it was at the last copy; not connected. */
  async setProfileBack(): Promise<void> {
    await this.client.close();
    const folder = join(this.world.folder, this.username);
    rmSync(folder, { recursive: true });
    cpSync(`${folder} copy`, folder, { recursive: true });
    await this.open();
  }

  async settle(): Promise<void> {
    if (!(await this.client.settled(SETTLE_MS))) throw new Error(`${this.username} does not settle: ${this.client.refusal ?? "time"}`);
  }

  async only(): Promise<ConversationView> {
    const [first] = await this.client.conversations();
    if (first === undefined) throw new Error(`${this.username} has no conversation`);
    return first;
  }

  async conversation(title: string): Promise<ConversationView> {
    const found = (await this.client.conversations()).find((view) => view.title === title);
    if (found === undefined) throw new Error(`${this.username} has no conversation ${title}`);
    return found;
  }

  async messages(title: string): Promise<MessageView[]> {
    const { log } = await this.conversation(title);
    return (await this.client.messages(log, { limit: 1000 })).filter(({ kind }) => kind !== "system");
  }

  async words(title: string): Promise<string[]> {
    return (await this.messages(title)).map(({ text }) => text);
  }
}

/** What a person's hands do: type the code into the new device, and its digits into the old one. */
export async function linkDevices(old: Person, device: Person, name: string): Promise<void> {
  const timeoutMs = LINK_MS;
  let show: (digits: string) => void = () => undefined;
  const shown = new Promise<string>((resolve) => {
    show = resolve;
  });
  const code = await new Promise<string>((resolve, reject) => {
    old.client.devices.link({ showCode: resolve, askDigits: () => shown, timeoutMs }).catch(reject);
  });
  await device.client.devices.join({ code, name, showDigits: show, timeoutMs });
}

/** Until everybody has sent what was to be sent and has heard back. What the others wrote since may still be on its way: see {@link soon}. */
export async function settleAll(...people: readonly Person[]): Promise<void> {
  for (const person of people) await person.settle();
}

/** Checks again and again for a while until it holds. */
export function soon(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 20 });
}
