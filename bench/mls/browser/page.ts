/**
 * The page that starts the worker, at the call of the program that opened it.
 */
import type { Run, RunOptions } from "../run.ts";
import type { FromWorker } from "./messages.ts";

export interface BenchPage {
  runBench(options: RunOptions): Promise<Run>;
}

function runBench(options: RunOptions): Promise<Run> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "progress") console.log(data.progress);
      else if (data.kind === "done") resolve(data.run);
      else reject(new Error(data.why));
    });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name.
    worker.postMessage(options);
  });
}

Object.assign(globalThis, { runBench } satisfies BenchPage);
