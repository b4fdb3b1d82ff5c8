/** Verifying many signatures on several threads. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { CryptoProvider } from "../../src/crypto/provider.ts";
import { decodeVerifyBatch, encodeVerifyBatch } from "../../src/crypto/verify-batch.ts";
import type { SignatureClaim } from "../../src/crypto/verify-batch.ts";
import { createVerifyPoolOf, verifyBatch } from "../../src/crypto/verify-pool.ts";
import type { VerifyPool, WorkerEvents } from "../../src/crypto/verify-pool.ts";
import { createVerifyPool as createWebPool } from "../../wasm/verify-pool.ts";
import { testProvider, testRandom } from "../support/provider.ts";

const provider = await testProvider();
const random = testRandom("pool");

type Claims = { readonly claims: readonly SignatureClaim[]; readonly expected: readonly boolean[] };

/** Every fifth is wrong in some way. */
function makeClaims(suiteId: number, count: number, messageLength: number): Claims {
  const suite = provider.suite(suiteId);
  if (suite === undefined) throw new Error("missing suite");
  const { privateKey, publicKey } = suite.signatureKeyPair(random);
  const claims = Array.from({ length: count }, (_, index): SignatureClaim => {
    const message = random(messageLength);
    const signature = suite.sign(privateKey, message);
    if (index % 5 !== 3) return { publicKey, message, signature };
    const broken = [
      { publicKey, message: random(messageLength + 1), signature },
      { publicKey, message, signature: signature.subarray(1) },
      { publicKey: publicKey.subarray(1), message, signature },
      { publicKey: new Uint8Array(0), message: new Uint8Array(0), signature: new Uint8Array(0) },
    ];
    return broken[(index >> 2) % broken.length] ?? { publicKey, message, signature };
  });
  return { claims, expected: claims.map((_, index) => index % 5 !== 3) };
}

async function createPool(workers: number): Promise<VerifyPool> {
  if (__PLATFORM__ === "browser") return createWebPool({ provider, workers });
  const entry = "../../node/verify-pool.ts";
  const { createVerifyPool } = (await import(/* @vite-ignore */ entry)) as typeof import("../../node/verify-pool.ts");
  return createVerifyPool({ provider, workers });
}

describe("the pool", () => {
  it.each([0, 1, 2])("gives the same results with %i workers", async (workers) => {
    const pool = await createPool(workers);
    const [one, two, three] = [makeClaims(0x0001, 700, 300), makeClaims(0x0002, 40, 50), makeClaims(0x0001, 3, 20)];
    const results = await Promise.all([
      pool.verifyMany(0x0001, one.claims),
      pool.verifyMany(0x0002, two.claims),
      pool.verifyMany(0x0001, three.claims),
      pool.verifyMany(0x0001, []),
      pool.verifyMany(0x9999, one.claims),
    ]);
    expect(results).toEqual([one.expected, two.expected, three.expected, [], one.expected.map(() => false)]);
    expect(await pool.verifyMany(0x0001, one.claims)).toEqual(one.expected);
    pool.close();
  });

  it("carries messages of any length", async () => {
    const pool = await createPool(1);
    const { claims, expected } = makeClaims(0x0001, 20, 300_000);
    expect(await pool.verifyMany(0x0001, claims)).toEqual(expected);
    pool.close();
  });

  it("rejects what a close interrupts", async () => {
    const pool = await createPool(1);
    const { claims } = makeClaims(0x0001, 300, 10);
    const pending = pool.verifyMany(0x0001, claims);
    pool.close();
    await expect(pending).rejects.toThrow("closed");
    await expect(pool.verifyMany(0x0001, claims)).rejects.toThrow("closed");
  });
});

describe("the scheduler", () => {
  const { claims, expected } = makeClaims(0x0001, 1500, 10);
  const pause = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  /** A worker that answers a batch in a later task and dies at its `lifetime`-th. */
  function startWorker(lifetime: number, seen: number[], { onResults, onDeath }: WorkerEvents) {
    let [batches, waiting] = [0, 0];
    return {
      post(buffer: ArrayBuffer): void {
        seen.push(++waiting);
        setTimeout(() => {
          waiting--;
          if (++batches < lifetime) onResults(verifyBatch(provider, decodeVerifyBatch(buffer)));
          else if (batches === lifetime) onDeath();
        }, 0);
      },
      stop: () => undefined,
    };
  }

  it.each([1, 2, 5, 1000])("survives workers that die at batch %i, and keeps few batches before each", async (lifetime) => {
    const seen: number[] = [];
    const pool = createVerifyPoolOf({ provider, workers: 3, pause, startWorker: (events) => startWorker(lifetime, seen, events) });
    expect(await pool.verifyMany(0x0001, claims)).toEqual(expected);
    expect(Math.max(...seen)).toBeLessThanOrEqual(4);
    pool.close();
  });

  it("does without workers when none can start", async () => {
    const refuse = (): never => {
      throw new Error("no threads here");
    };
    const pool = createVerifyPoolOf({ provider, workers: 2, pause, startWorker: refuse });
    expect(await pool.verifyMany(0x0001, claims.slice(0, 200))).toEqual(expected.slice(0, 200));
    pool.close();
  });

  it("lets the calling thread do a share", async () => {
    let mine = 0;
    const suite = provider.suite(0x0001);
    const counting: CryptoProvider = {
      name: "counting",
      suite: () => suite && { ...suite, verify: (...claim) => (mine++, suite.verify(...claim)) },
    };
    const pool = createVerifyPoolOf({ provider: counting, workers: 1, pause, startWorker: (events) => startWorker(1000, [], events) });
    expect(await pool.verifyMany(0x0001, claims)).toEqual(expected);
    expect(mine).toBeGreaterThan(0);
    expect(mine).toBeLessThan(claims.length);
    pool.close();
  });
});

it("a batch decodes to what was encoded", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const claim = fc.record({ publicKey: bytes, message: bytes, signature: bytes });
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(claim), (suiteId, list) => {
      expect(decodeVerifyBatch(encodeVerifyBatch({ suiteId, claims: list }))).toEqual({ suiteId, claims: list });
    }),
  );
});
