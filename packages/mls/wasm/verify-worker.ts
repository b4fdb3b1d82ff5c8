/** A Web Worker of the verifying pool. */
import { decodeVerifyBatch } from "../src/crypto/verify-batch.ts";
import { verifyBatch } from "../src/crypto/verify-pool.ts";
import { createWasmProvider } from "./index.ts";

const provider = createWasmProvider();

async function answer(batch: ArrayBuffer): Promise<void> {
  try {
    const results = verifyBatch(await provider, decodeVerifyBatch(batch));
    postMessage(results, { transfer: [results.buffer] });
  } catch {
    // A rejection alone would not reach the pool, which takes the work back on this.
    postMessage(undefined);
  }
}

// Set before anything is awaited: a message that finds no listener is lost.
addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => void answer(data));
