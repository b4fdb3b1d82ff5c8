/** Whoever checks signatures elsewhere says yes or has not said it; libsodium's memory after something threw. */
import { describe, expect, test } from "vitest";
import type { CryptoProvider, SignatureVerifier } from "../../src/index.ts";
import { receiveQueue } from "../../src/index.ts";
import { SodiumMemory } from "../../src/crypto/sodium-memory.ts";
import type { SodiumModule } from "../../src/crypto/sodium-module.ts";
import { createVerifyPoolOf, verifyBatch } from "../../src/crypto/verify-pool.ts";
import { codeOf, say, text } from "../support/clients.ts";
import { cast, forger } from "../rules/cast.ts";
import { flip, forgeApplication } from "../rules/forge.ts";

test("a queue believes a verifier only what it said of each signature", async () => {
  const { ada, bob } = await cast();
  const forged = forgeApplication(forger(bob), text("forged"), { signature: flip });
  const answers: readonly unknown[] = [[], [true, true], ["true"], [1]];
  for (const answer of answers) {
    const verifier = { verifyMany: async () => Promise.resolve(answer) } as SignatureVerifier;
    const { outcomes, state } = await receiveQueue(ada.state, [forged], { context: ada.client.context, verifier });
    expect(outcomes.map(codeOf)).toEqual(["invalid_signature"]);
    expect(state).toBe(ada.state);
  }
  const verifier: SignatureVerifier = { verifyMany: async (_, items) => Promise.resolve(items.map(() => false)) };
  const good = await receiveQueue(ada.state, [say(bob, "good")], { context: ada.client.context, verifier });
  expect(good.outcomes.map(codeOf)).toEqual(["ok"]);
});

describe("the pool", () => {
  const claims = Array.from({ length: 40 }, () => ({ publicKey: text("k"), message: text("m"), signature: text("s") }));
  const throwing = {
    name: "throwing",
    suite: () => ({
      verify: () => {
        throw new Error("out of memory");
      },
    }),
  } as unknown as CryptoProvider;
  const noWorker = { workers: 0, startWorker: () => ({ post: () => undefined, stop: () => undefined }) };

  test("takes a provider that throws as one that says no, and goes on", { timeout: 5_000 }, async () => {
    const pool = createVerifyPoolOf({ ...noWorker, provider: throwing, pause: async () => Promise.resolve() });
    for (const many of [claims, claims, claims.slice(0, 3)]) expect(await pool.verifyMany(1, many)).toEqual(many.map(() => false));
    expect([...verifyBatch(throwing, { suiteId: 1, claims })]).toEqual(claims.map(() => 0));
  });

  test("rejects what its pause interrupts, and serves the next call", { timeout: 5_000 }, async () => {
    let pauses = 0;
    const pause = async (): Promise<void> => (pauses++ === 0 ? Promise.reject(new Error("no pause")) : Promise.resolve());
    const pool = createVerifyPoolOf({ ...noWorker, provider: throwing, pause });
    await expect(pool.verifyMany(1, claims)).rejects.toThrow("no pause");
    expect(await pool.verifyMany(1, claims)).toHaveLength(40);
  });
});

test("libsodium's memory starts anew, and empty, after a call that threw", () => {
  const heap = new Uint8Array(1 << 20);
  const module = { HEAPU8: heap, _malloc: () => 1024, _free: () => undefined, _sodium_init: () => 0 } as unknown as SodiumModule;
  const memory = new SodiumMemory(module);
  memory.begin(40_000);
  const first = memory.place(new Uint8Array(40_000).fill(7));
  // The library threw here.
  memory.begin(32);
  expect(heap.includes(7)).toBe(false);
  expect(memory.place(text("next"))).toBe(first);
  memory.end();
});
