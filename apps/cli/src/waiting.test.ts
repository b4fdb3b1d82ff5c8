import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientErrorCode } from "@sotto/client";
import { settledAloud } from "./waiting.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Given = { readonly afterMs: number; readonly isTerminal: boolean; readonly trouble?: "server_busy" };

/** Settled after a time, or never with a trouble. */
function slow(afterMs: number, trouble?: ClientErrorCode) {
  const from = Date.now();
  const isDone = (): boolean => trouble === undefined && Date.now() - from >= afterMs;
  const settled = (timeoutMs: number): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(isDone()), timeoutMs));
  return { settled, trouble, refusal: undefined };
}

/** What is said while the server takes so long. */
async function said({ afterMs, isTerminal, trouble }: Given): Promise<readonly string[]> {
  const lines: string[] = [];
  const client = slow(afterMs, trouble);
  const done = settledAloud(client, 30_000, { isTerminal, write: (line) => lines.push(line) });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await done).toBe(trouble === undefined);
  return lines;
}

test("a command that waits for a server says so after a moment, once", async () => {
  expect(await said({ afterMs: 30_000, isTerminal: true, trouble: "server_busy" })).toEqual([
    "sotto: The server has too much to do. Wait for the given time, then try again. Trying for up to 30 s; Ctrl-C gives up.",
  ]);
  expect(await said({ afterMs: 4_000, isTerminal: true })).toHaveLength(1);
});

test("nothing is said of what is quick, nor where no person looks", async () => {
  expect(await said({ afterMs: 2_000, isTerminal: true })).toEqual([]);
  expect(await said({ afterMs: 30_000, isTerminal: false, trouble: "server_busy" })).toEqual([]);
});

/** How long it was waited, and with what outcome. */
async function waited(client: ReturnType<typeof slow>): Promise<{ readonly isDone: boolean; readonly ms: number }> {
  const from = Date.now();
  const outcome = settledAloud(client, 30_000, { isTerminal: false, write: () => undefined }).then((isDone) => {
    return { isDone, ms: Date.now() - from };
  });
  await vi.advanceTimersByTimeAsync(30_000);
  return outcome;
}

test("where nobody answers at the address it is given up after three seconds, and not waited for once more", async () => {
  const client = slow(0, "server_unreachable");
  expect(await waited(client)).toEqual({ isDone: false, ms: 3_000 });
  expect(await waited(client)).toEqual({ isDone: false, ms: 500 });
  expect(await waited(slow(0, "server_busy"))).toEqual({ isDone: false, ms: 30_000 });
  expect(await waited(slow(12_000))).toEqual({ isDone: true, ms: 12_000 });
});
