/** All ports of the engine on Node.js. */
import { randomBytes } from "node:crypto";
import type { Clock, Ports, Store } from "@sotto/client";
import { createNodeProvider } from "@sotto/core/node";
import { createTransport } from "./transport.ts";

const clock: Clock = {
  now: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** An open store and the address of a server make an engine: `Client.open(await nodePorts(…))`. */
export async function nodePorts(store: Store, serverAddress: string): Promise<Ports> {
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  return { store, transport: createTransport(serverAddress), clock, random, crypto: await createNodeProvider() };
}
