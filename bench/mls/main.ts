/**
 * The MLS benchmark: `node bench/mls/main.ts [--quick] [--json] [--slow] [--only <text>] [--op <operation>] [--n 2,16]`.
 *
 * A contender is one line in `contenders`. The first one is what the others are compared with.
 */
import { parseArgs } from "node:util";
import { SUITE } from "@sotto/mls";
import { createNodeProvider } from "@sotto/mls/node";
import { createWasmProvider } from "@sotto/mls/wasm";
import { type Contender, type Operation, operations } from "./lib/contender.ts";
import { measure, quick, type Result, thorough } from "./lib/measure.ts";
import { table } from "./lib/table.ts";
import { ownContender } from "./ours.ts";
import { coreCrypto } from "./peers/core-crypto.ts";
import { libsignal } from "./peers/libsignal.ts";
import { megolm } from "./peers/megolm.ts";
import { openMls } from "./peers/openmls.ts";
import { senderKeys } from "./peers/sender-keys.ts";
import { tsMls } from "./peers/ts-mls.ts";

const [native, wasm] = [await createNodeProvider(), await createWasmProvider()];
const own: readonly Contender[] = [
  ownContender({ name: "sotto, node", provider: native, suiteId: SUITE.x25519Aes128 }),
  ownContender({ name: "sotto, wasm", provider: wasm, suiteId: SUITE.x25519Aes128 }),
  ownContender({ name: "sotto, node, ChaCha20", provider: native, suiteId: SUITE.x25519ChaCha20 }),
  ownContender({ name: "sotto, node, post-quantum", provider: native, suiteId: SUITE.mlkem768X25519Aes128 }),
  ownContender({ name: "sotto, wasm, post-quantum", provider: wasm, suiteId: SUITE.mlkem768X25519Aes128 }),
];
const contenders: readonly Contender[] = [...own, tsMls, coreCrypto, openMls, libsignal, senderKeys, megolm];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    slow: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    op: { type: "string", multiple: true, default: [] },
    n: { type: "string" },
  },
});

const chosen = contenders.filter(({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)));
const wanted = (Object.keys(operations) as Operation[]).filter((operation) => values.op.length === 0 || values.op.includes(operation));
const sizes = values.n === undefined ? (values.quick ? [2, 16, 128] : [2, 16, 128, 1000]) : values.n.split(",").map(Number);

const results: Result[] = [];
for (const operation of wanted) {
  for (const n of operation === "keyPackage" ? [1] : sizes) {
    process.stderr.write(`${operations[operation]}, N=${String(n)}\n`);
    results.push(...(await measure({ operation, n, contenders: chosen, slow: values.slow }, values.quick ? quick : thorough)));
  }
}
console.log(values.json ? JSON.stringify({ node: process.version, results }, null, 2) : table(results, chosen));
// Workers and timers of some of the peers would keep the process alive.
process.exit(0);
