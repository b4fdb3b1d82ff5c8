/** What every LogStore has to do, whatever it keeps its logs in. An adapter calls {@link describeLogStore} in a test file of its own. */
import { decodeEntry, type Entry, expectSuccess, type LogId } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import type { Committed, LogStore } from "../src/log/log-store.ts";
import { handshake, hashesOf, message, newLogId, readAccess, tokensOf } from "./support/logs.ts";

export type Opening = {
  readonly store: LogStore;
  /** Closes the store and opens it again on what it kept. */
  readonly reopen: () => Promise<LogStore>;
  /** Sets the clock of the store. */
  readonly setNow: (now: number) => void;
};

const EVERYTHING = { from: 1, bytesMax: 1_000_000 };

async function createdLog(store: LogStore, epoch = 0): Promise<LogId> {
  const log = newLogId();
  expect(await store.create({ log, epoch, hashes: hashesOf(log, epoch) })).toEqual({ ok: true, value: "created" });
  return log;
}

async function entriesOf(store: LogStore, log: LogId, range: { readonly epoch: number; readonly from?: number }): Promise<Entry[]> {
  const read = expectSuccess(await store.read({ log, ...EVERYTHING, ...range }));
  return read.entries.map((bytes) => expectSuccess(decodeEntry(bytes)));
}

const failed = (code: string) => expect.objectContaining({ ok: false, code });

export function describeLogStore(name: string, open: () => Promise<Opening>): void {
  describe(`log store: ${name}`, () => {
    describeAppends(open);
    describeReads(open);
    describeTime(open);
  });
}

function describeAppends(open: () => Promise<Opening>): void {
  test("creates a log once", async () => {
    const { store } = await open();
    const log = await createdLog(store, 3);
    expect(await store.create({ log, epoch: 3, hashes: hashesOf(log, 3) })).toEqual({ ok: true, value: "exists" });
    expect(await store.create({ log, epoch: 4, hashes: hashesOf(log, 3) })).toEqual(failed("log_exists"));
    expect(await store.create({ log, epoch: 3, hashes: hashesOf(log, 4) })).toEqual(failed("log_exists"));
    expectSuccess(await store.append(handshake(log, 3)));
    expect(await store.create({ log, epoch: 3, hashes: hashesOf(log, 3) })).toEqual({ ok: true, value: "exists" });
  });

  test("numbers entries from 1 without gaps, each log for itself", async () => {
    const { store } = await open();
    const [a, b] = [await createdLog(store), await createdLog(store)];
    const results = await Promise.all([a, b, a, a, b].map((log) => store.append(message(log, 0))));
    expect(results.map((result) => expectSuccess(result))).toMatchObject([{ seq: 1 }, { seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 2 }]);
    expect((await entriesOf(store, a, { epoch: 0 })).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test("takes an entry id once, in the same turn too", async () => {
    const { store, reopen } = await open();
    const log = await createdLog(store);
    const request = message(log, 0);
    const [first, second] = await Promise.all([store.append(request), store.append(request)]);
    const appended = expectSuccess(first);
    expect(appended.outcome).toBe("appended");
    expect(second).toEqual({ ok: true, value: { ...appended, outcome: "duplicate" } });
    expect(await store.append(request)).toEqual(second);
    expectSuccess(await store.append(handshake(log, 0)));
    expect(await store.append(request)).toEqual(second);
    expect(await (await reopen()).append(request)).toEqual(second);
  });

  test("of two handshakes in an epoch one wins, and the other learns the head", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    const results = await Promise.all([store.append(handshake(log, 0)), store.append(handshake(log, 0)), store.append(message(log, 0))]);
    expect(results.map((result) => expectSuccess(result))).toMatchObject([
      { outcome: "appended", seq: 1 },
      { outcome: "conflict", head: { epoch: 1, seq: 1 } },
      { outcome: "conflict", head: { epoch: 1, seq: 1 } },
    ]);
    expect(expectSuccess(await store.append(message(log, 1)))).toMatchObject({ outcome: "appended", seq: 2 });
  });

  test("asks for the write token before it tells anything", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    expectSuccess(await store.append(handshake(log, 0)));
    for (const epoch of [0, 1, 2, 99]) {
      expect(await store.append({ ...message(log, epoch), token: tokensOf(log, 7).write })).toEqual(failed("capability_invalid"));
      expect(await store.append({ ...message(log, epoch), token: tokensOf(log, epoch).read })).toEqual(failed("capability_invalid"));
    }
    expect(await store.append(message(newLogId(), 0))).toEqual(failed("log_unknown"));
  });

  test("wants the next hashes with a handshake and only then", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    expect(await store.append({ ...handshake(log, 0), next: null })).toEqual(failed("log_next_required"));
    expect(await store.append({ ...message(log, 0), next: hashesOf(log, 1) })).toEqual(failed("log_next_forbidden"));
    expect(await store.append({ ...handshake(log, 0), tag: new Uint8Array(32).fill(1) })).toEqual(failed("form_invalid"));
    expect(await store.append(message(log, 0, new Uint8Array(72 * 1024 + 1)))).toEqual(failed("form_length"));
    expect(await entriesOf(store, log, { epoch: 0 })).toEqual([]);
  });

  test("tells of entries once they are durable, in runs of one epoch", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    const runs: Committed[] = [];
    store.onCommitted((batch) => runs.push(...batch));
    const requests = [message(log, 0), handshake(log, 0), message(log, 1), message(log, 1)];
    await Promise.all(requests.map((request) => store.append(request)));
    expect(runs).toMatchObject([
      { epoch: 0, lastSeq: 2, endsEpoch: true },
      { epoch: 1, lastSeq: 4, endsEpoch: false },
    ]);
    expect(runs.map(({ entries }) => entries.length)).toEqual([2, 2]);
  });
}

function describeReads(open: () => Promise<Opening>): void {
  test("a read token opens its epoch up to the handshake that ends it", async () => {
    const { store, reopen } = await open();
    const log = await createdLog(store);
    for (const request of [message(log, 0), handshake(log, 0), message(log, 1), handshake(log, 1), message(log, 2)])
      await store.append(request);
    for (const next of [() => store, reopen]) {
      const current = await next();
      expect(expectSuccess(await current.open(readAccess(log, 0)))).toMatchObject({ epochFirst: 1, epochLast: 2, first: 1, head: 5 });
      expect(expectSuccess(await current.open(readAccess(log, 2)))).toMatchObject({ epochFirst: 5, epochLast: undefined });
      expect(await current.open({ ...readAccess(log, 1), token: tokensOf(log, 0).read })).toEqual(failed("capability_invalid"));
      expect(await current.open(readAccess(log, 3))).toEqual(failed("capability_invalid"));
      expect(expectSuccess(await current.read({ log, epoch: 0, from: 1, bytesMax: 9_999 }))).toMatchObject({ next: 3, end: "epoch_ended" });
      expect(expectSuccess(await current.read({ log, epoch: 0, from: 3, bytesMax: 9_999 }))).toMatchObject({
        entries: [],
        end: "epoch_ended",
      });
      expect(await current.read({ log, epoch: 1, from: 1, bytesMax: 9_999 })).toEqual(failed("log_position"));
      expect((await entriesOf(current, log, { epoch: 1, from: 3 })).map(({ seq }) => seq)).toEqual([3, 4]);
      expect(expectSuccess(await current.read({ log, epoch: 2, from: 6, bytesMax: 9_999 }))).toMatchObject({ entries: [], end: "live" });
    }
  });

  test("knows a write token of an old epoch from one of the log's epoch", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    expectSuccess(await store.append(handshake(log, 0)));
    const access = (epoch: number) => ({ log, epoch, token: tokensOf(log, epoch).write });
    expect(await store.mayWrite(access(0))).toEqual({ ok: true, value: { isCurrent: false } });
    expect(await store.mayWrite(access(1))).toEqual({ ok: true, value: { isCurrent: true } });
    expect(await store.mayWrite(readAccess(log, 1))).toEqual(failed("capability_invalid"));
  });

  test("gives batches of the size asked for, and one entry at least", async () => {
    const { store } = await open();
    const log = await createdLog(store);
    for (let i = 0; i < 10; i++) await store.append(message(log, 0, new Uint8Array(1_000)));
    const small = expectSuccess(await store.read({ log, epoch: 0, from: 1, bytesMax: 1 }));
    expect(small).toMatchObject({ next: 2, end: "more" });
    const some = expectSuccess(await store.read({ log, epoch: 0, from: 2, bytesMax: 3_500 }));
    expect(some.entries).toHaveLength(3);
  });

  test("keeps thousands of entries in many logs over a restart", async () => {
    const { store, reopen } = await open();
    const logs = await Promise.all(Array.from({ length: 20 }, () => createdLog(store)));
    for (let round = 0; round < 30; round++) {
      await Promise.all(logs.flatMap((log) => Array.from({ length: 5 }, (_, i) => store.append(message(log, 0, `${round} ${i}`)))));
    }
    for (const next of [() => store, reopen]) {
      const current = await next();
      for (const log of logs) {
        const entries = await entriesOf(current, log, { epoch: 0 });
        expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
        expect(new TextDecoder().decode(entries[149]?.body)).toBe("29 4");
      }
    }
  });
}

function describeTime(open: () => Promise<Opening>): void {
  test("time never runs backwards inside a log", async () => {
    const { store, setNow } = await open();
    const log = await createdLog(store);
    for (const now of [5_000, 9_000, 1_000]) {
      setNow(now);
      await store.append(message(log, 0));
    }
    expect((await entriesOf(store, log, { epoch: 0 })).map(({ acceptedAt }) => acceptedAt)).toEqual([5_000, 9_000, 9_000]);
  });

  test("forgets old entries, and goes on counting", async () => {
    const { store, reopen, setNow } = await open();
    const log = await createdLog(store);
    setNow(1_000);
    for (const request of [message(log, 0), handshake(log, 0), message(log, 1)]) await store.append(request);
    const current = await reopen();
    setNow(9_000);
    await current.append(message(log, 1));
    while (await current.trim(5_000));
    expect(expectSuccess(await current.open(readAccess(log, 1)))).toMatchObject({ first: 4, head: 4 });
    expect(await current.read({ log, epoch: 1, from: 3, bytesMax: 9_999 })).toEqual(failed("log_trimmed"));
    expect((await entriesOf(current, log, { epoch: 1, from: 4 })).map(({ seq }) => seq)).toEqual([4]);
    const again = await reopen();
    expect(expectSuccess(await again.append(message(log, 1)))).toMatchObject({ outcome: "appended", seq: 5 });
    expect(expectSuccess(await again.open(readAccess(log, 1)))).toMatchObject({ first: 4, head: 5 });
  });
}
