/** Backup of a running server, restore, check, and folders that cannot be opened. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { backup, check, createInvite, type Progress, restore, startServer } from "../src/index.ts";
import { uploadBlob } from "./support/blobs.ts";
import { connect } from "./support/connection.ts";
import { hashesOf, message, newLogId, readAccess } from "./support/logs.ts";
import { TestPerson } from "./support/people.ts";
import { newFolder, started } from "./support/started.ts";

const silent = pino({ level: "silent" });

async function filled() {
  const server = await started();
  const { connection } = await connect(server.address, "anonymous");
  const log = newLogId();
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  for (let i = 0; i < 20; i++) await connection.request("log.append", message(log, 0, `body ${i}`));
  const alice = new TestPerson();
  await alice.register(server.address, "alice");
  const blob = await uploadBlob(server.address, randomBytes(100_000));
  return { server, connection, log, alice, blob };
}

describe("backup", () => {
  test("is taken while appends go on, and a server goes on from it", async () => {
    const { server, connection, log, alice, blob } = await filled();
    const target = join(newFolder(), "backup");
    const appending = Promise.all(Array.from({ length: 50 }, () => connection.request("log.append", message(log, 0))));
    expect(await backup(server.folder, target)).toEqual({ blobs: 1, blobsGone: 0 });
    await appending;
    expect((await check(server.folder)).findings).toEqual([]);
    const data = join(newFolder(), "data");
    await restore(target, data);
    expect(await check(data)).toMatchObject({ logs: 1, accounts: 1, blobs: 1, findings: [] });
    const again = await started({ dataFolder: data });
    const reader = (await connect(again.address, "anonymous")).connection;
    const read = await reader.request("log.read", { ...readAccess(log, 0), from: 1, bytesMax: 1_000_000 });
    expect(read.entries.length).toBeGreaterThanOrEqual(20);
    await alice.logIn(again.address);
    const fetched = await fetch(`${again.address}/v1/blobs/${blob.id}`);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(blob.bytes)).toBe(true);
  });

  test("that is not whole is not restored, and nothing is restored over data", async () => {
    const { server } = await filled();
    const target = join(newFolder(), "backup");
    await expect(restore(newFolder(), join(newFolder(), "data"))).rejects.toMatchObject({ code: "backup_incomplete" });
    await backup(server.folder, target);
    await expect(restore(target, server.folder)).rejects.toMatchObject({ code: "store_exists" });
    await expect(backup(server.folder, target)).rejects.toMatchObject({ code: "store_exists" });
  });

  test("tells how far it is, and goes into a folder named with a slash at its end", async () => {
    const { server } = await filled();
    const target = join(newFolder(), "backup");
    const parts = new Set<string>();
    const heard = ({ part, done, total }: Progress): void => {
      expect(done).toBeLessThanOrEqual(total);
      parts.add(part);
    };
    await backup(server.folder, `${target}/`, heard);
    const data = join(newFolder(), "data");
    await restore(`${target}/`, `${data}/`, heard);
    expect((await check(`${data}/`, heard)).findings).toEqual([]);
    expect([...parts].toSorted()).toEqual(["accounts.db", "blobs", "logs.db", "restore"]);
  });
});

describe("check", () => {
  test("finds a changed bit in a segment and in a blob", async () => {
    const { server, blob } = await filled();
    await server.close();
    const db = new DatabaseSync(join(server.folder, "logs.db"));
    const row = db.prepare("SELECT id, blob FROM seg ORDER BY id DESC LIMIT 1").get() ?? {};
    const bytes = Buffer.from(row["blob"] as Uint8Array);
    bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
    db.prepare("UPDATE seg SET blob = ? WHERE id = ?").run(bytes, row["id"] as number);
    db.close();
    const path = join(server.folder, "blobs", blob.hex.slice(0, 2), blob.hex);
    const content = readFileSync(path);
    content.writeUInt8(content.readUInt8(9) ^ 1, 9);
    writeFileSync(path, content);
    const { findings } = await check(server.folder);
    expect(findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["segment_damaged", "blob_damaged"]));
  });

  test("finds an entry that is gone", async () => {
    const { server } = await filled();
    await server.close();
    const db = new DatabaseSync(join(server.folder, "logs.db"));
    db.exec("DELETE FROM seg WHERE id = 5");
    db.close();
    expect((await check(server.folder)).findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["seq_gap", "index_wrong"]));
  });
});

describe("a data folder", () => {
  test("is used by one server at a time", async () => {
    const server = await started();
    await expect(startServer({ dataFolder: server.folder, port: 0, logger: silent })).rejects.toMatchObject({ code: "store_locked" });
  });

  test("of a newer version is left alone", async () => {
    const server = await started();
    await server.close();
    const path = join(server.folder, "logs.db");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    const before = readFileSync(path);
    await expect(startServer({ dataFolder: server.folder, port: 0, logger: silent })).rejects.toMatchObject({ code: "store_newer" });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("that is damaged, or no folder, is told as such", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "logs.db"), "this is no database, and never was one");
    await expect(startServer({ dataFolder: folder, port: 0, logger: silent })).rejects.toMatchObject({ code: "store_damaged" });
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    await expect(startServer({ dataFolder: file, port: 0, logger: silent })).rejects.toMatchObject({ code: "store_unavailable" });
  });

  test("without its hub key is damaged, not new", async () => {
    const server = await started();
    await server.close();
    const { rmSync } = await import("node:fs");
    rmSync(join(server.folder, "hub.key"));
    await expect(startServer({ dataFolder: server.folder, port: 0, logger: silent })).rejects.toMatchObject({ code: "store_damaged" });
    expect(existsSync(join(server.folder, "hub.key"))).toBe(false);
  });

  test.skipIf(process.platform === "win32")("is for its owner only", async () => {
    const { folder } = await started();
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, "hub.key")).mode & 0o077).toBe(0);
  });
});

describe("invitations", () => {
  test("let in as many people as they say, beside the running server", async () => {
    const server = await started({ inviteRequired: true });
    const code = createInvite(server.folder, 1);
    await expect(new TestPerson().register(server.address)).rejects.toThrow("invite_required");
    await expect(new TestPerson().register(server.address, null, "guessed")).rejects.toThrow("invite_invalid");
    await new TestPerson().register(server.address, null, code);
    await expect(new TestPerson().register(server.address, null, code)).rejects.toThrow("invite_invalid");
  });
});
