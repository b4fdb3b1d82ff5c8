/** All ports of the engine on Node.js. */
import { createHash } from "node:crypto";
import type { Clock, Ports, Store } from "@sotto/client";
import { createNodeProvider } from "@sotto/core/node";
import { createHttp } from "./http.ts";
import { createRandom } from "./random.ts";
import { createTransport } from "./transport.ts";

const clock: Clock = {
  now: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

const createSha256: Ports["createSha256"] = () => {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
};

/** An open store and the address of a server make an engine: `Client.open(await nodePorts(…))`. */
export async function nodePorts(store: Store, serverAddress: string): Promise<Ports> {
  const [transport, http] = [createTransport(serverAddress), createHttp(serverAddress)];
  return { store, transport, http, clock, random: createRandom(), crypto: await createNodeProvider(), createSha256 };
}
