/** A person's engine with something between it and the world. */
import { join } from "node:path";
import { Client, type HttpAnswer, type HttpPort, type Ports, type Row, type Store } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { TEST_KEY } from "./keys.ts";
import type { Person } from "./world.ts";

/** The person's profile, opened with other ports and not connected; the person comes back afterwards. */
export async function withPorts<T>(person: Person, alter: (ports: Ports) => Ports, use: (client: Client) => Promise<T>): Promise<T> {
  await person.client.close();
  const store = openStore(join(person.world.folder, person.username, "profile.db"), { key: TEST_KEY });
  const client = await Client.open(alter(await nodePorts(store, person.world.address)));
  try {
    return await use(client);
  } finally {
    await client.close();
    await person.open();
    person.client.connect();
  }
}

/** A hundred times as fast, so that what waits for a minute does not. For clients that are not connected. */
export const hasty = (ports: Ports): Ports => ({
  ...ports,
  clock: { now: () => ports.clock.now(), after: (delayMs, call) => ports.clock.after(delayMs / 100, call) },
});

/** `aborted` rejects when the client wants no more of this answer. */
export type Change = (answer: HttpAnswer, aborted: Promise<never>) => HttpAnswer;

/** Answers to downloads come changed. */
export function downloadsThrough(http: HttpPort, change: Change): HttpPort {
  return {
    send: (request) => {
      const exchange = http.send(request);
      if (request.method !== "GET" || request.headers["range"] === undefined) return exchange;
      let end = (): void => undefined;
      const aborted = new Promise<never>((_resolve, reject) => {
        end = () => reject(new Error("aborted"));
      });
      aborted.catch(() => undefined);
      const abort = (): void => {
        end();
        exchange.abort();
      };
      return { answer: exchange.answer.then((answer) => change(answer, aborted)), abort };
    },
  };
}

/** Rows of a table come changed. */
export function rowsThrough(store: Store, change: (row: Row) => Row): Store {
  return {
    all: async (sql, parameters) => (await store.all(sql, parameters)).map(change),
    write: (batch) => store.write(batch),
    close: () => store.close(),
  };
}
