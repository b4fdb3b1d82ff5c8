import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type BlobOpening, BYTES_TOTAL_MAX, describeBlobStore } from "../../test/blob-store-suite.ts";
import { newFolder } from "../../test/support/started.ts";
import { LOG_SCHEMA } from "../log/log-schema.ts";
import { openDatabase } from "../sqlite/database.ts";
import { GroupCommit } from "../sqlite/group-commit.ts";
import { FileBlobStore } from "./file-blob-store.ts";

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
