/** A producer that is left in the middle comes to its end: ZIP readers run only a few at a time, and would wait for it for ever. */
import { expect, test } from "vitest";
import { Rendezvous } from "./rendezvous.ts";

test("pieces arrive in order, then the end", async () => {
  const out = new Rendezvous();
  const produce = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await out.offer(Uint8Array.of(i));
    await out.end();
  };
  const done = produce();
  const taken: number[] = [];
  for await (const [value] of out.pull()) taken.push(value ?? -1);
  await done;
  expect(taken).toEqual([0, 1, 2, 3, 4]);
});

test("who stops pulling stops the producer, and a failure is thrown where it is pulled", async () => {
  const out = new Rendezvous();
  const produced = (async () => {
    let count = 0;
    while (await out.offer(Uint8Array.of(count))) count += 1;
    return count;
  })();
  for await (const [value] of out.pull()) if (value === 2) break;
  expect(await produced).toBe(2);
  const failing = new Rendezvous();
  void failing.fail(new Error("cut"));
  await expect(failing.pull().next()).rejects.toThrow("cut");
});
