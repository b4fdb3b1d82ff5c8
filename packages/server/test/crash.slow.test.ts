/** A server that is killed under load: nothing that it acknowledged is lost, and nothing is there twice. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type AppendRequest, decodeEntry, expectSuccess, idToText, type LogId } from "@sotto/protocol";
import { expect, onTestFinished, test } from "vitest";
import { check } from "../src/index.ts";
import { connect, type TestConnection } from "./support/connection.ts";
import { handshake, hashesOf, message, newLogId, readAccess } from "./support/logs.ts";
import { newFolder } from "./support/started.ts";

const KILLS = Number(process.env["SOTTO_KILLS"] ?? 30);
const WRITERS = 4;

type Server = { readonly child: ChildProcess; readonly address: string };

async function launch(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "child-server.ts"), folder, "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line]: unknown[] = await once(child.stdout, "data");
  return { child, address: String(line).trim() };
}

async function kill({ child }: Server): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** What a client knows of its log: what was acknowledged, and the one request of which it does not know. */
type Writer = { readonly log: LogId; epoch: number; readonly acknowledged: Map<number, string>; pending: AppendRequest | undefined };

/** Appends until the connection breaks; then the pending request is sent again, as it is. */
async function write(writer: Writer, connection: TestConnection): Promise<void> {
  const { log } = writer;
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  for (;;) {
    const wantsHandshake = writer.acknowledged.size % 10 === 9;
    writer.pending ??= wantsHandshake ? handshake(log, writer.epoch) : message(log, writer.epoch, new Uint8Array(500));
    const result = await connection.request("log.append", writer.pending);
    if (result.outcome === "conflict") throw new Error("nobody else writes here");
    expect(writer.acknowledged.has(result.seq)).toBe(false);
    writer.acknowledged.set(result.seq, idToText(writer.pending.entryId));
    if (writer.pending.kind === "handshake") writer.epoch++;
    writer.pending = undefined;
  }
}

async function stored({ log, epoch: last }: Writer, connection: TestConnection): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  let from = 1;
  for (let epoch = 0; epoch <= last; epoch++) {
    for (;;) {
      const { entries, next, end } = await connection.request("log.read", { ...readAccess(log, epoch), from, bytesMax: 100_000 });
      for (const bytes of entries) {
        const { seq, entryId } = expectSuccess(decodeEntry(bytes));
        found.set(seq, idToText(entryId));
      }
      from = next;
      if (end !== "more") break;
    }
  }
  return found;
}

test(`killed ${KILLS} times under load, a server keeps every acknowledged entry once`, { timeout: 20_000 + KILLS * 3_000 }, async () => {
  const folder = newFolder();
  const writers = Array.from({ length: WRITERS }, (): Writer => ({
    log: newLogId(),
    epoch: 0,
    acknowledged: new Map(),
    pending: undefined,
  }));
  const findings: unknown[] = [];
  for (let round = 0; round < KILLS; round++) {
    const server = await launch(folder);
    const connections = await Promise.all(writers.map(async () => (await connect(server.address, "anonymous")).connection));
    const broken = connections.map((connection, index) =>
      write(writers[index] ?? raise(), connection).catch((error: unknown) => String(error)),
    );
    await new Promise((resolve) => setTimeout(resolve, 20 + ((round * 37) % 150)));
    await kill(server);
    for (const reason of await Promise.all(broken)) expect(reason).toMatch(/closed/);
    if (round % 10 === 9) findings.push(...(await check(folder)).findings);
  }
  findings.push(...(await check(folder)).findings);
  expect(findings).toEqual([]);
  const server = await launch(folder);
  const { connection } = await connect(server.address, "anonymous");
  for (const writer of writers) {
    expect(writer.acknowledged.size).toBeGreaterThan(KILLS);
    const found = await stored(writer, connection);
    for (const [seq, id] of writer.acknowledged) expect(found.get(seq)).toBe(id);
    expect(new Set(found.values()).size).toBe(found.size);
    // The request that was in flight at the last kill may be there.
    expect(found.size - writer.acknowledged.size).toBeLessThanOrEqual(1);
  }
  await kill(server);
});

function raise(): never {
  throw new Error("no such writer");
}
