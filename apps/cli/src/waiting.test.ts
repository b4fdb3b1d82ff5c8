import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settledAloud } from "./waiting.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Given = { readonly afterMs: number; readonly isTerminal: boolean; readonly trouble?: "server_unreachable" };

/** What is said while the server takes so long. */
async function said({ afterMs, isTerminal, trouble }: Given): Promise<readonly string[]> {
  const lines: string[] = [];
  const settled = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(trouble === undefined), afterMs));
  const done = settledAloud({ settled, trouble }, 30_000, { isTerminal, write: (line) => lines.push(line) });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await done).toBe(trouble === undefined);
  return lines;
}

test("a command that waits for a server says so after a moment, once", async () => {
  expect(await said({ afterMs: 30_000, isTerminal: true, trouble: "server_unreachable" })).toEqual([
    "sotto: The server cannot be reached. Check the connection and the address. Trying for up to 30 s; Ctrl-C gives up.",
  ]);
  expect(await said({ afterMs: 4_000, isTerminal: true })).toHaveLength(1);
});

test("nothing is said of what is quick, nor where no person looks", async () => {
  expect(await said({ afterMs: 2_000, isTerminal: true })).toEqual([]);
  expect(await said({ afterMs: 30_000, isTerminal: false, trouble: "server_unreachable" })).toEqual([]);
});
