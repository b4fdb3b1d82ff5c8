/** States survive being stored: as snapshots, as records, and as what differs from one to the next. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  createProposal,
  decodeState,
  discardState,
  encodeState,
  inspectState,
  type CryptoProvider,
  type GroupState,
  receiveMessage,
  stateDelta,
  stateFromRecords,
  SUITE,
} from "../src/index.ts";
import { equalBytes } from "../src/bytes.ts";
import { migrate } from "../src/store/snapshot.ts";
import { codeOf, commitAndDeliver, createClient, deliver, must, say, type Seat, seatAll, text } from "./support/clients.ts";
import { testProvider } from "./support/provider.ts";

let crypto: CryptoProvider;

beforeAll(async () => {
  crypto = await testProvider();
});

/** `joining` of the members besides the first sit down; the others stay in the tree only. */
function seats(count: number, suiteId: number = SUITE.x25519Aes128, joining: number = count): Seat[] {
  const clients = Array.from({ length: count }, (_, i) => createClient(crypto, `member ${i}`, { suiteId }));
  return seatAll(clients, { joining });
}

/** A store that is only ever told what differs. */
class Store {
  readonly records = new Map<string, Uint8Array>();
  #kept: GroupState | undefined;

  keep(state: GroupState): number {
    const delta = stateDelta(this.#kept, state);
    for (const key of delta.remove) if (!this.records.delete(key)) throw new Error(`there is no record ${key}`);
    for (const [key, value] of delta.put) this.records.set(key, value);
    this.#kept = state;
    return (
      delta.put.reduce((sum, [key, value]) => sum + key.length + value.length, 0) + delta.remove.reduce((sum, key) => sum + key.length, 0)
    );
  }
}

describe("snapshots", () => {
  test("a state of every kind comes back as it was, byte for byte", () => {
    for (const suiteId of Object.values(SUITE)) {
      const [ada, bob, cyn] = seats(3, suiteId);
      if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
      deliver([ada, cyn], say(bob, "one"));
      const skipped = say(bob, "skipped");
      deliver([ada], say(bob, "two"));
      const proposed = must(createProposal(ada.state, { proposal: { kind: "update" } }, ada.client.context));
      ada.state = proposed.state;
      deliver([bob, cyn], proposed.message);
      for (const seat of [ada, bob, cyn]) {
        const bytes = encodeState(seat.state);
        seat.state = must(decodeState(bytes));
        expect(encodeState(seat.state)).toEqual(bytes);
      }
      commitAndDeliver(bob, [ada, cyn]);
      deliver([ada], skipped);
      for (const seat of [ada, bob, cyn]) seat.state = must(decodeState(encodeState(seat.state)));
      deliver([bob, cyn], say(ada, "after"));
      commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "remove", removed: cyn.state.ownLeafIndex }] });
      expect(must(decodeState(encodeState(cyn.state))).status).toBe("removed");
    }
  });

  test("damage, other versions and anything that is not canonical are refused with a code", () => {
    const [ada] = seats(2);
    if (ada === undefined) throw new Error("a seat");
    const bytes = encodeState(ada.state);
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      const decoded = decodeState(damaged);
      // A change that still decodes must be another valid state, with one encoding.
      const isFine = decoded.ok
        ? equalBytes(encodeState(decoded.value), damaged)
        : ["invalid_snapshot", "snapshot_version"].includes(decoded.code);
      expect(isFine).toBe(true);
      expect(codeOf(decodeState(bytes.subarray(0, at)))).toBe("invalid_snapshot");
    }
    const newer = bytes.slice();
    newer[5] = 99;
    expect(codeOf(decodeState(newer))).toBe("snapshot_version");
    expect(codeOf(decodeState(new Uint8Array([...bytes, 0])))).toBe("invalid_snapshot");
  });

  test("an older version is brought up to date step by step", () => {
    const steps = { 0: () => [["group", text("new")] as const] };
    expect(migrate([["old", text("x")]], 0, steps)).toEqual([["group", text("new")]]);
    expect(() => migrate([], 0)).toThrow(expect.objectContaining({ code: "invalid_snapshot" }));
  });

  test("records without their state, or beside it, are refused", () => {
    const [ada] = seats(2);
    if (ada === undefined) throw new Error("a seat");
    const { put } = stateDelta(undefined, ada.state);
    for (const [left] of put) expect(codeOf(stateFromRecords(put.filter(([key]) => key !== left)))).toBe("invalid_snapshot");
    expect(codeOf(stateFromRecords([...put, ["stray", text("x")]]))).toBe("invalid_snapshot");
  });
});

describe("deltas", () => {
  test("a store that is told only what differs holds the state, through a whole life", () => {
    const people = seats(9);
    const [ada, bob, cyn] = people;
    if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("seats");
    const store = new Store();
    const check = (): void => {
      store.keep(bob.state);
      expect(encodeState(must(stateFromRecords(store.records)))).toEqual(encodeState(bob.state));
    };
    check();
    const others = people.filter((seat) => seat !== ada);
    deliver(others, say(ada, "one"));
    check();
    const late = say(ada, "late");
    deliver(others, say(ada, "three"));
    check();
    for (let epoch = 0; epoch < 4; epoch++) {
      commitAndDeliver(ada, others, epoch === 1 ? { proposals: [{ kind: "remove", removed: 8 }] } : {});
      if (epoch === 1) others.pop();
      check();
      if (epoch === 0) must(receiveMessage(bob.state, late, bob.client.context));
      deliver(others, say(ada, `in epoch ${epoch}`));
      check();
    }
    const proposed = must(createProposal(cyn.state, { proposal: { kind: "update" } }, cyn.client.context));
    cyn.state = proposed.state;
    deliver([ada, bob], proposed.message);
    check();
  });

  test("a message writes less than 1 KiB, however large the group", { timeout: 60_000 }, () => {
    for (const [suiteId, count] of [
      [SUITE.x25519Aes128, 260],
      [SUITE.xwingAes256Sha512, 33],
    ] as const) {
      const [ada, bob] = seats(count, suiteId, 1);
      if (ada === undefined || bob === undefined) throw new Error("seats");
      const [sender, receiver] = [new Store(), new Store()];
      sender.keep(ada.state);
      receiver.keep(bob.state);
      for (let i = 0; i < 5; i++) {
        const message = say(ada, "a message");
        deliver([bob], message);
        expect(sender.keep(ada.state)).toBeLessThan(1024);
        expect(receiver.keep(bob.state)).toBeLessThan(1024);
      }
    }
  });
});

test("a discarded state holds no secret that the kept one does not need", () => {
  const [ada, bob] = seats(2);
  if (ada === undefined || bob === undefined) throw new Error("seats");
  const before = ada.state;
  deliver([ada], say(bob, "hello"));
  const { state } = ada;
  discardState(before, state);
  deliver([ada], say(bob, "the kept state still works"));
  expect(before.secretTree.top.kind === "secret" && before.secretTree.top.secret.every((byte) => byte === 0)).toBe(true);
  discardState(ada.state, undefined);
  expect(ada.state.secrets.exporter.every((byte) => byte === 0)).toBe(true);
});

test("inspecting shows people and no secrets", () => {
  const [ada] = seats(3);
  if (ada === undefined) throw new Error("a seat");
  const shown = inspectState(ada.state);
  expect(shown).toContain('"member 2", keyPackage');
  const hexOf = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const secret of Object.values(ada.state.secrets)) expect(shown).not.toContain(hexOf(secret));
});
