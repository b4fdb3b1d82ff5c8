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
const engine = new Engine(await nodePorts(store, "http://127.0.0.1:1"));
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
