/**
 * The benchmark inside a browser's worker. It takes the options as its first message, and answers with its progress and then the run.
 */
import { SUITE } from "@sotto/mls";
import { createVerifyPool, createWasmProvider } from "@sotto/mls/wasm";
import { ownContender } from "../ours.ts";
import { tsMls } from "../peers/ts-mls.ts";
import { runAll, type RunOptions } from "../run.ts";
import type { FromWorker } from "./messages.ts";

const tell = (message: FromWorker): void => postMessage(message);

async function run(options: RunOptions): Promise<void> {
  const provider = await createWasmProvider();
  const classical = { name: "sotto, wasm", provider, suiteId: SUITE.x25519Aes128 };
  const postQuantum = { name: "sotto, wasm, post-quantum", provider, suiteId: SUITE.mlkem768X25519Aes128 };
  const chaCha20 = { name: "sotto, wasm, ChaCha20", provider, suiteId: SUITE.x25519ChaCha20 };
  const field = {
    contenders: [ownContender(classical), ownContender(chaCha20), ownContender(postQuantum), tsMls],
    stored: [classical, postQuantum],
    queues: [{ ...classical, openPool: () => createVerifyPool({ provider }) }],
  };
  tell({ kind: "done", run: await runAll(field, options, (progress) => tell({ kind: "progress", progress })) });
}

addEventListener("message", ({ data }: MessageEvent<RunOptions>) => {
  run(data).catch((error: unknown) =>
    tell({ kind: "failed", why: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
