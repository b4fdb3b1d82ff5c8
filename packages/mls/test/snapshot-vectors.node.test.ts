/**
 * Snapshots of every version stay readable: vectors/mls/snapshots.json. `UPDATE_VECTORS=1` adds the present version's if there is none.
 *
 * Each vector: `version`; `snapshot` (hexadecimal); `inspect` (text); `message` (an MLSMessage from another member, in hexadecimal)
 * and the `text` in it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProposal,
  type CryptoProvider,
  decodeState,
  encodeState,
  inspectState,
  receiveMessage,
  SNAPSHOT_VERSION,
  SUITE,
} from "../src/index.ts";
import { commitAndDeliver, contextFor, createClient, deliver, must, say, seatAll } from "./support/clients.ts";
import { testProvider } from "./support/provider.ts";
import { hex, toHex } from "./support/vectors.ts";

type Vector = { version: number; snapshot: string; inspect: string; message: string; text: string };

const file = join(import.meta.dirname, "../../../vectors/mls/snapshots.json");

/** A state with every kind of record in it: past epochs, skipped keys, pending proposals, own updates. */
function makeVector(crypto: CryptoProvider): Vector {
  const [ada, bob, cyn] = seatAll(["ada", "bob", "cyn"].map((name) => createClient(crypto, name, { suiteId: SUITE.x25519Aes128 })));
  if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
  say(bob, "never delivered");
  deliver([ada, cyn], say(bob, "delivered"));
  commitAndDeliver(cyn, [ada, bob]);
  const proposed = must(createProposal(ada.state, { proposal: { kind: "update" } }, ada.client.context));
  ada.state = proposed.state;
  deliver([bob], proposed.message);
  const snapshot = encodeState(ada.state);
  const text = "readable after all these years";
  return { version: SNAPSHOT_VERSION, snapshot: toHex(snapshot), inspect: inspectState(ada.state), message: toHex(say(cyn, text)), text };
}

test("snapshots of every version are read, and those of the present one written the same way", async () => {
  const crypto = await testProvider();
  const vectors = JSON.parse(await readFile(file, "utf8")) as Vector[];
  if (process.env["UPDATE_VECTORS"] === "1" && !vectors.some(({ version }) => version === SNAPSHOT_VERSION)) {
    vectors.push(makeVector(crypto));
    await writeFile(file, `${JSON.stringify(vectors, null, 2)}\n`);
  }
  expect(vectors.map(({ version }) => version)).toEqual(Array.from({ length: SNAPSHOT_VERSION }, (_, i) => i + 1));
  for (const vector of vectors) {
    const state = must(decodeState(hex(vector.snapshot)));
    expect(inspectState(state)).toBe(vector.inspect);
    // An older one is written in the present form from now on.
    expect(toHex(encodeState(state)) === vector.snapshot).toBe(vector.version === SNAPSHOT_VERSION);
    const received = must(receiveMessage(state, hex(vector.message), contextFor(crypto, "reader")));
    expect(received.kind === "application" && new TextDecoder().decode(received.data)).toBe(vector.text);
  }
});
