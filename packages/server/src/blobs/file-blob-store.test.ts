import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { blobId, capabilityHash, expectSuccess, toId } from "@sotto/protocol";
import { expect, onTestFinished, test } from "vitest";
import { type BlobOpening, BYTES_TOTAL_MAX, describeBlobStore } from "../../test/blob-store-suite.ts";
import { newFolder } from "../../test/support/started.ts";
import { LOG_SCHEMA } from "../log/log-schema.ts";
import { ServerError } from "../server-error.ts";
import { openDatabase } from "../sqlite/database.ts";
import { GroupCommit } from "../sqlite/group-commit.ts";
import { blobPath, FileBlobStore } from "./file-blob-store.ts";

function open(): Promise<BlobOpening> {
  const path = newFolder();
  const folder = join(path, "blobs");
  mkdirSync(folder);
  let now = 1_000;
  const openFile = () => openDatabase(join(path, "logs.db"), LOG_SCHEMA);
  let database = openFile();
  onTestFinished(() => database.close());
  const make = () =>
    new FileBlobStore({ folder, database, commit: new GroupCommit(database), now: () => now, bytesTotalMax: BYTES_TOTAL_MAX });
  return Promise.resolve({
    store: make(),
    reopen: async () => {
      database.close();
      database = openFile();
      const store = make();
      await store.sweep();
      return store;
    },
    setNow: (to) => {
      now = to;
    },
  });
}

describeBlobStore("files and SQLite", open);

test("a part that finds the disk full leaves no bytes, whether it is full before or after", async () => {
  const path = newFolder();
  const folder = join(path, "blobs");
  mkdirSync(folder);
  const database = openDatabase(join(path, "logs.db"), LOG_SCHEMA);
  onTestFinished(() => database.close());
  let full: "" | "before" | "after" = "";
  const fullIf = (when: string) => (): void => {
    if (full === when) throw new ServerError("server_disk_full");
  };
  const commit = new GroupCommit(database, fullIf("after"));
  const store = new FileBlobStore({ folder, database, commit, now: () => 0, mayWrite: fullIf("before") });
  const [blob, token] = [toId(blobId, new Uint8Array(16)), new Uint8Array(32)];
  await store.create({ blob, size: 100, write: capabilityHash(blob, token), expiresAt: 1 });
  const send = (offset: number) =>
    store.upload({ blob, token, offset, length: 40, bytes: Readable.from([new Uint8Array(40)]), expiresAt: 1 });
  await send(0);
  for (const when of ["before", "after"] as const) {
    full = when;
    await expect(send(40)).rejects.toMatchObject({ code: "server_disk_full" });
    expect(statSync(blobPath(folder, blob)).size).toBe(40);
  }
  const other = toId(blobId, new Uint8Array(16).fill(1));
  full = "before";
  await expect(store.create({ blob: other, size: 1, write: token, expiresAt: 1 })).rejects.toMatchObject({ code: "server_disk_full" });
  expect(existsSync(blobPath(folder, other))).toBe(false);
  full = "";
  expect(expectSuccess(await send(40)).offset).toBe(80);
});
