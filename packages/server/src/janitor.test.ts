import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { blobId, expectSuccess, toId } from "@sotto/protocol";
import { expect, onTestFinished, test } from "vitest";
import { hashesOf, message, newLogId, readAccess } from "../test/support/logs.ts";
import { newFolder } from "../test/support/started.ts";
import { SqliteInboxStore } from "./accounts/sqlite-inbox-store.ts";
import { blobPath, FileBlobStore } from "./blobs/file-blob-store.ts";
import { openDataFolder } from "./data-folder.ts";
import { tidyUp } from "./janitor.ts";
import { createReceipts } from "./log/receipts.ts";
import { SqliteLogStore } from "./log/sqlite-log-store.ts";
import { settingsOf } from "./options.ts";
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
