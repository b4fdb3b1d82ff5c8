/**
 * The MLS benchmark on Node: `node bench/mls/main.ts`; its arguments are those of options.ts.
 *
 * A contender is one line in `contenders`. The first one is what the others are compared with.
 */
import { SUITE } from "@sotto/mls";
import { createNodeProvider, createVerifyPool } from "@sotto/mls/node";
import { createWasmProvider } from "@sotto/mls/wasm";
import type { Contender } from "./lib/contender.ts";
import { readOptions } from "./options.ts";
import { ownContender } from "./ours.ts";
import { coreCrypto } from "./peers/core-crypto.ts";
import { libsignal } from "./peers/libsignal.ts";
import { megolm } from "./peers/megolm.ts";
import { openMls } from "./peers/openmls.ts";
import { senderKeys } from "./peers/sender-keys.ts";
import { tsMls } from "./peers/ts-mls.ts";
import { report, runAll } from "./run.ts";

const [native, wasm] = [await createNodeProvider(), await createWasmProvider()];
const classical = { name: "sotto, node", provider: native, suiteId: SUITE.x25519Aes128 };
const postQuantum = { name: "sotto, node, post-quantum", provider: native, suiteId: SUITE.mlkem768X25519Aes128 };
const own: readonly Contender[] = [
  ownContender(classical),
  ownContender({ name: "sotto, wasm", provider: wasm, suiteId: SUITE.x25519Aes128 }),
  ownContender({ name: "sotto, node, ChaCha20", provider: native, suiteId: SUITE.x25519ChaCha20 }),
  ownContender(postQuantum),
  ownContender({ name: "sotto, wasm, post-quantum", provider: wasm, suiteId: SUITE.mlkem768X25519Aes128 }),
];
const contenders: readonly Contender[] = [...own, tsMls, coreCrypto, openMls, libsignal, senderKeys, megolm];

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const options = readOptions();
const field = {
  contenders,
  stored: [classical, postQuantum],
  queues: [{ ...classical, openPool: () => createVerifyPool({ provider: native }), cpuMs }],
};
const run = await runAll(field, options, (progress) => process.stderr.write(`${progress}\n`));
const roles = { classical: classical.name, postQuantum: postQuantum.name, libsignal: libsignal.name };
console.log(options.json ? JSON.stringify({ node: process.version, ...run }, null, 2) : report(run, roles));
// Workers and timers of some of the peers would keep the process alive.
process.exit(0);
