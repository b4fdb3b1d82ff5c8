/** The verifying pool on threads of Node. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import type { CryptoProvider } from "../src/crypto/provider.ts";
import { createVerifyPoolOf } from "../src/crypto/verify-pool.ts";
import type { VerifyPool, VerifyWorker, WorkerEvents } from "../src/crypto/verify-pool.ts";

export type VerifyPoolOptions = {
  /** For the calling thread's own share. */
  readonly provider: CryptoProvider;
  /** Threads beside the calling one; as many as fill the machine by default. They start with the first large call. */
  readonly workers?: number;
};

/** Idle threads do not keep the process alive. */
export function createVerifyPool({ provider, workers = Math.max(1, availableParallelism() - 1) }: VerifyPoolOptions): VerifyPool {
  return createVerifyPoolOf({ provider, workers, startWorker, pause: async () => setImmediate() });
}

function startWorker({ onResults, onDeath }: WorkerEvents): VerifyWorker {
  const worker = new Worker(new URL("./verify-worker.ts", import.meta.url));
  let waiting = 0;
  worker.unref();
  worker.on("message", (results: Uint8Array) => {
    if (--waiting === 0) worker.unref();
    onResults(results);
  });
  // An uncaught exception is followed by the exit.
  worker.on("error", () => undefined);
  worker.on("exit", onDeath);
  return {
    post(batch) {
      if (waiting++ === 0) worker.ref();
      worker.postMessage(batch, [batch]);
    },
    stop: () => void worker.terminate(),
  };
}
