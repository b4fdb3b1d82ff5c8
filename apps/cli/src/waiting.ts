/** Says what a command is waiting for once it takes longer than a moment: on a terminal only, beside the answer. */
import { type Client, sentenceOf } from "@sotto/client";

const QUIET_MS = 3_000;

export type WaitingView = { readonly isTerminal: boolean; readonly write: (line: string) => void };

const STDERR: WaitingView = {
  get isTerminal() {
    return process.stderr.isTTY;
  },
  write: (line) => void process.stderr.write(`${line}\n`),
};

/** {@link Client.settled}, aloud. */
export async function settledAloud(
  client: Pick<Client, "settled" | "trouble">,
  timeoutMs: number,
  { isTerminal, write }: WaitingView = STDERR,
): Promise<boolean> {
  const timer = setTimeout(() => {
    if (!isTerminal) return;
    const why = client.trouble === undefined ? "The server has not sent everything yet." : sentenceOf(client.trouble);
    write(`sotto: ${why} Trying for up to ${timeoutMs / 1_000} s; Ctrl-C gives up.`);
  }, QUIET_MS);
  try {
    return await client.settled(timeoutMs);
  } finally {
    clearTimeout(timer);
  }
}
