/** A store that goes from one state to another one of the same epoch, as after a rejoin or a commit that lost. */
import { expect, test } from "vitest";
import { createCommit, encodeState, type GroupState, stateDelta, stateFromRecords } from "../../src/index.ts";
import { keyPackageOf, must, say, type Seat } from "../support/clients.ts";
import { cast, hand, stranger } from "../rules/cast.ts";

test("records of two branches of an epoch with different sizes of the tree replace each other, in any order of the writes", async () => {
  const { crypto, ada, bob } = await cast();
  const proposals = Array.from({ length: 4 }, (_, i) => ({
    kind: "add" as const,
    keyPackage: keyPackageOf(stranger(crypto, `e${i}`)).keyPackage,
  }));
  const grown: Seat = { ...ada, state: must(createCommit(ada.state, { proposals }, ada.client.context)).next };
  const same = must(createCommit(bob.state, {}, bob.client.context));
  const plain: Seat = { ...ada, state: ada.state };
  hand(plain, same.message);
  expect(grown.state.context.epoch).toBe(plain.state.context.epoch);
  expect(grown.state.tree.leafCapacity).not.toBe(plain.state.tree.leafCapacity);
  say(grown, "some keys");
  say(plain, "other keys");
  for (const [from, to] of [
    [grown.state, plain.state],
    [plain.state, grown.state],
  ] as const) {
    for (const removesFirst of [true, false])
      expect(encodeState(must(stateFromRecords(moved(from, to, removesFirst))))).toEqual(encodeState(to));
  }
});

function moved(from: GroupState, to: GroupState, removesFirst: boolean): Map<string, Uint8Array> {
  const records = new Map(stateDelta(undefined, from).put);
  const { put, remove } = stateDelta(from, to);
  if (removesFirst) for (const key of remove) records.delete(key);
  for (const [key, value] of put) records.set(key, value);
  if (!removesFirst) for (const key of remove) records.delete(key);
  return records;
}
