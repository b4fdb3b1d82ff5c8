/** A thread of the verifying pool. */
import { parentPort } from "node:worker_threads";

import { decodeVerifyBatch } from "../src/crypto/verify-batch.ts";
import { verifyBatch } from "../src/crypto/verify-pool.ts";
import { createNodeProvider } from "./index.ts";

const provider = createNodeProvider();

async function answer(batch: ArrayBuffer): Promise<void> {
  const results = verifyBatch(await provider, decodeVerifyBatch(batch));
  parentPort?.postMessage(results, [results.buffer]);
}

// A failure ends the thread, and the pool then takes its work back.
parentPort?.on("message", (batch: ArrayBuffer) => void answer(batch));
