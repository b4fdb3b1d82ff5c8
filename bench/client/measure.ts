/** The whole way of a message through a client: a real store, a real server beside it, and the client that people use. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type Person } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import type { LogId } from "@sotto/protocol";
import { medianOf } from "../lib/median.ts";
import { createDice, createVocabulary, sentence } from "../search/texts.ts";
import { CountingStore } from "./counting-store.ts";
import { makeMembers } from "./members.ts";

const WAIT_MS = 120_000;
/** How many messages are handed to the engine at once: a paste, a bot, the end of a time without network. */
const TOGETHER = 64;
const vocabulary = createVocabulary(20_000, createDice(3));

export type Way = {
  readonly perSecond: number;
  /** Microseconds of processor time for each message. */
  readonly cpuMicros: number;
  readonly transactions: number;
  /** Values handed to the store, for each message. */
  readonly storeBytes: number;
  /** What the process wrote to disks, for each message; NaN where the system does not tell. */
  readonly diskBytes: number;
};

export type GroupResult = { readonly devices: number; readonly together: Way; readonly oneByOneMs: number };

export type Party = { readonly client: Client; readonly store: CountingStore };

export class Subjects {
  readonly #folder: string;
  readonly #address: string;
  readonly #dice = createDice(4);

  constructor(folder: string, address: string) {
    this.#folder = folder;
    this.#address = address;
  }

  async party(name: string): Promise<Party> {
    const store = new CountingStore(openStore(join(this.#folder, name, "profile.db"), { key: new Uint8Array(32).fill(3) }));
    const client = await Client.open(await nodePorts(store, this.#address));
    await client.signUp({ username: name, timeoutMs: WAIT_MS });
    return { client, store };
  }

  text(): string {
    return sentence(vocabulary, this.#dice);
  }

  #texts(count: number): string[] {
    return Array.from({ length: count }, () => this.text());
  }

  /** Sends without a connection: sealed, and durable in the outbox. */
  async send({ client, store }: Party, log: LogId, count: number): Promise<Way> {
    const texts = this.#texts(count);
    return timed(store, count, async () => {
      for (let from = 0; from < count; from += TOGETHER) {
        await Promise.all(texts.slice(from, from + TOGETHER).map((text) => client.sendText(log, text)));
      }
    });
  }

  async sendOneByOne({ client }: Party, log: LogId, count: number): Promise<number> {
    const samples: number[] = [];
    for (const text of this.#texts(count)) {
      const started = performance.now();
      await client.sendText(log, text);
      samples.push(performance.now() - started);
    }
    return medianOf(samples);
  }

  /** Connects, and takes in what has come meanwhile: read from the server, opened, applied, durable. */
  async receive({ client, store }: Party, count: number): Promise<Way> {
    return timed(store, count, async () => {
      let seen = 0;
      await new Promise<void>((resolve) => {
        const stop = client.on((event) => {
          if (event.kind !== "message" || !event.isNew || ++seen < count) return;
          stop();
          resolve();
        });
        client.connect();
      });
    });
  }

  members(count: number): Promise<Person[]> {
    return makeMembers(this.#address, count);
  }
}

export async function settle({ client }: Party): Promise<void> {
  if (!(await client.settled(WAIT_MS))) throw new Error(`does not settle: ${client.refusal ?? "time"}`);
}

async function timed(store: CountingStore, count: number, task: () => Promise<void>): Promise<Way> {
  const [transactions, bytes, disk] = [store.transactions, store.bytes, diskBytes()];
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await task();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: count / seconds,
    cpuMicros: (user + system) / count,
    transactions: store.transactions - transactions,
    storeBytes: (store.bytes - bytes) / count,
    diskBytes: (diskBytes() - disk) / count,
  };
}

function diskBytes(): number {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}
