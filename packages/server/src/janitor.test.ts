import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { accountId, blobId, capabilityHash, deviceId, entryId, expectSuccess, toId } from "@sotto/protocol";
import { expect, onTestFinished, test } from "vitest";
import { hashesOf, message, newLogId, readAccess } from "../test/support/logs.ts";
import { newFolder } from "../test/support/started.ts";
import { SqliteAccountStore } from "./accounts/sqlite-account-store.ts";
import { SqliteInboxStore } from "./accounts/sqlite-inbox-store.ts";
import { blobPath, FileBlobStore } from "./blobs/file-blob-store.ts";
import { openDataFolder } from "./data-folder.ts";
import { tidyUp } from "./janitor.ts";
import { createReceipts } from "./log/receipts.ts";
import { SqliteLogStore } from "./log/sqlite-log-store.ts";
import { settingsOf } from "./options.ts";
import { ServerError } from "./server-error.ts";
import { GroupCommit } from "./sqlite/group-commit.ts";

const DAY_MS = 86_400_000;

test("after the days that things are kept, entries and blobs are gone, files too", async () => {
  const folder = openDataFolder(newFolder());
  let now = 100 * DAY_MS;
  const settings = settingsOf({ dataFolder: folder.path, entryDaysKept: 3, blobDaysKept: 2, now: () => now });
  const store = new SqliteLogStore({ database: folder.logs, receiptOf: createReceipts(folder.hubKey), now: settings.now });
  onTestFinished(async () => {
    await store.close();
    folder.accounts.close();
    folder.unlock();
  });
  const blobs = new FileBlobStore({ folder: folder.blobs, database: folder.logs, commit: new GroupCommit(folder.logs), now: settings.now });
  const inboxes = new SqliteInboxStore(folder.accounts, new GroupCommit(folder.accounts));
  const [log, blob] = [newLogId(), toId(blobId, new Uint8Array(randomBytes(16)))];
  await store.create({ log, epoch: 0, hashes: hashesOf(log, 0) });
  await store.append(message(log, 0));
  await blobs.create({ blob, size: 10, write: new Uint8Array(32), expiresAt: now + 2 * DAY_MS });
  // Segments are trimmed once they are indexed, which waits for a quiet moment.
  await new Promise((resolve) => setTimeout(resolve, 300));

  now += DAY_MS;
  expect(await tidyUp({ store, blobs, inboxes }, settings)).toBe(false);
  expect(expectSuccess(await store.open(readAccess(log, 0)))).toMatchObject({ first: 1, head: 1 });
  expect(existsSync(blobPath(folder.blobs, blob))).toBe(true);

  now += 3 * DAY_MS;
  await tidyUp({ store, blobs, inboxes }, settings);
  expect(expectSuccess(await store.open(readAccess(log, 0)))).toMatchObject({ first: 2, head: 1 });
  expect(existsSync(blobPath(folder.blobs, blob))).toBe(false);
});

test("a full disk does not keep what is due from going, and who reads an inbox or takes a file back makes room", async () => {
  const { logs, accounts: file, ...folder } = openDataFolder(newFolder());
  const now = 100 * DAY_MS;
  let isFull = false;
  const mayWrite = (): void => {
    if (isFull) throw new ServerError("server_disk_full");
  };
  const settings = settingsOf({ dataFolder: folder.path, now: () => now });
  const store = new SqliteLogStore({ database: logs, receiptOf: createReceipts(folder.hubKey), now: settings.now, mayWrite });
  onTestFinished(async () => {
    await store.close();
    file.close();
    folder.unlock();
  });
  const blobs = new FileBlobStore({ folder: folder.blobs, database: logs, commit: new GroupCommit(logs, mayWrite), now: settings.now });
  const commit = new GroupCommit(file, mayWrite);
  const [accounts, inboxes] = [new SqliteAccountStore(file, commit), new SqliteInboxStore(file, commit)];
  const token = new Uint8Array(32);
  const [due, own, late] = [1, 2, 3].map((byte) => toId(blobId, new Uint8Array(16).fill(byte)));
  if (due === undefined || own === undefined || late === undefined) throw new Error("three blobs");
  await blobs.create({ blob: due, size: 10, write: token, expiresAt: now - 1 });
  await blobs.create({ blob: own, size: 10, write: capabilityHash(own, token), expiresAt: now + 1 });
  const [account, device] = [toId(accountId, new Uint8Array(32).fill(1)), toId(deviceId, new Uint8Array(16).fill(1))];
  await accounts.register({ account, genesis: new Uint8Array(10), username: null, invite: undefined });
  const item = { itemId: toId(entryId, new Uint8Array(16)), lane: "contact", body: new Uint8Array(9), at: now } as const;
  await inboxes.deliver({ account, devices: [device], ...item });

  isFull = true;
  await expect(blobs.create({ blob: late, size: 10, write: token, expiresAt: now })).rejects.toMatchObject({ code: "server_disk_full" });
  await tidyUp({ store, blobs, inboxes }, settings);
  expect(await blobs.bytesTotal()).toBe(10);
  await blobs.delete(own, token);
  expect(await blobs.bytesTotal()).toBe(0);
  await inboxes.acknowledge({ account, device }, 1);
  expect((await inboxes.bounds({ account, device })).items).toBe(0);
});
