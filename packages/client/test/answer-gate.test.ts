/** Strangers who ask to be let in again cost nothing that stays. */
import { nodePorts, openStore } from "@sotto/client/node";
import { accountId, deviceId, toId } from "@sotto/protocol";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Engine } from "../src/engine.ts";
import { AnswerGate } from "../src/repair/answer-gate.ts";
import { migrate } from "../src/store/migrate.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-gate-"));
const store = openStore(join(folder, "profile.db"), { key: new Uint8Array(32).fill(3) });
const ports = await nodePorts(store, "http://127.0.0.1:1");
let now = 1_800_000_000_000;
const engine = new Engine({ ...ports, clock: { ...ports.clock, now: () => now } });
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

test("a stranger who makes up groups is not answered, and nothing is kept of them", async () => {
  await migrate(store);
  const gate = new AnswerGate(engine);
  const sender = { account: toId(accountId, bytes(32)), device: toId(deviceId, bytes(16)) };
  for (let i = 0; i < 100; i++) expect(await gate.opens(sender, bytes(32))).toBe(false);
  expect(gate.size).toBe(0);
});

test("a member who asks again and again is handed history for some time, and then for an hour no more", () => {
  const gate = new AnswerGate(engine);
  const [sender, group] = [{ account: toId(accountId, bytes(32)), device: toId(deviceId, bytes(16)) }, bytes(32)];
  const ask = (): boolean => gate.allowsHistory(sender, group);
  expect(Array.from({ length: 14 }, ask).filter(Boolean)).toHaveLength(12);
  now += 3_500_000;
  expect(ask()).toBe(false);
  expect(gate.allowsHistory(sender, bytes(32))).toBe(true);
  now += 100_000;
  expect(ask()).toBe(true);
});
