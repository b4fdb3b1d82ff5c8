/**
 * Waits for the server, for as long as that makes sense: where nobody answers at its address, not for long. Says on a terminal what is waited for once
 * it takes longer than a moment.
 */
import { type Client, sentenceOf } from "@sotto/client";

const QUIET_MS = 3_000;
/** For so long no connection comes about: it is given up, and what was to be sent is kept. */
const UNREACHABLE_MS = 3_000;
const LOOK_MS = 500;

export type WaitingView = { readonly isTerminal: boolean; readonly write: (line: string) => void };

const STDERR: WaitingView = {
  get isTerminal() {
    return process.stderr.isTTY;
  },
  write: (line) => void process.stderr.write(`${line}\n`),
};

type Waited = Pick<Client, "settled" | "trouble" | "refusal">;

/** Clients for which waiting was given up: the same command does not wait once more. */
const givenUp = new WeakSet<Waited>();

/** {@link Client.settled}, aloud. */
export async function settledAloud(client: Waited, timeoutMs: number, { isTerminal, write }: WaitingView = STDERR): Promise<boolean> {
  const timer = setTimeout(() => {
    if (!isTerminal) return;
    const why = client.trouble === undefined ? "The server has not sent everything yet." : sentenceOf(client.trouble);
    write(`sotto: ${why} Trying for up to ${timeoutMs / 1_000} s; Ctrl-C gives up.`);
  }, QUIET_MS);
  try {
    return await settled(client, timeoutMs);
  } finally {
    clearTimeout(timer);
  }
}

async function settled(client: Waited, timeoutMs: number): Promise<boolean> {
  let unreachableMs = givenUp.has(client) ? UNREACHABLE_MS : 0;
  for (let leftMs = timeoutMs; ; leftMs -= LOOK_MS) {
    const sliceMs = Math.min(LOOK_MS, leftMs);
    const from = performance.now();
    if (await client.settled(sliceMs)) return true;
    // Sooner than asked for: nothing will come of it.
    const isFinal = client.refusal !== undefined || performance.now() - from < sliceMs / 2;
    unreachableMs = client.trouble === "server_unreachable" ? unreachableMs + sliceMs : 0;
    if (unreachableMs >= UNREACHABLE_MS) givenUp.add(client);
    if (isFinal || givenUp.has(client) || leftMs <= LOOK_MS) return false;
  }
}
