/** The verifying pool on Web Workers; works in a page and in a worker. */
import type { CryptoProvider } from "../src/crypto/provider.ts";
import { createVerifyPoolOf } from "../src/crypto/verify-pool.ts";
import type { VerifyPool, VerifyWorker, WorkerEvents } from "../src/crypto/verify-pool.ts";

export type VerifyPoolOptions = {
  /** For the calling thread's own share. */
  readonly provider: CryptoProvider;
  /** Workers beside the calling thread; by default as many as fill the machine, but four at most. They start with the first large call. */
  readonly workers?: number;
};

const WORKERS_MAX = 4;

export function createVerifyPool({ provider, workers = defaultWorkers() }: VerifyPoolOptions): VerifyPool {
  return createVerifyPoolOf({ provider, workers, startWorker, pause });
}

function defaultWorkers(): number {
  return Math.min(WORKERS_MAX, Math.max(1, navigator.hardwareConcurrency - 1));
}

/** A message to oneself: unlike a timer it is not delayed when repeated. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

function startWorker({ onResults, onDeath }: WorkerEvents): VerifyWorker {
  const worker = new Worker(new URL("./verify-worker.ts", import.meta.url), { type: "module" });
  const bury = (): void => {
    worker.terminate();
    onDeath();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Uint8Array | undefined>) => (data === undefined ? bury() : onResults(data)));
  worker.addEventListener("error", bury);
  return { post: (batch) => worker.postMessage(batch, [batch]), stop: () => worker.terminate() };
}
