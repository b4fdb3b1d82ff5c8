/**
 * Backup while the server runs, and restore (spec/server.md §Backup). A backup is a data folder with a manifest, which is written last: without
 * it the backup is not whole and is not restored. It holds the server's keys, and is to be kept as safe as the server.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { backup as copyDatabase, type DatabaseSync } from "node:sqlite";
import { ACCOUNT_SCHEMA } from "../accounts/account-schema.ts";
import { blobPath } from "../blobs/file-blob-store.ts";
import { asOwnDisk, FILES, needDataFolder } from "../data-folder.ts";
import { LOG_SCHEMA } from "../log/log-schema.ts";
import { ServerError } from "../server-error.ts";
import { bytesAt } from "../sqlite/columns.ts";
import { openDatabase, type Schema, storeError } from "../sqlite/database.ts";
import { copyDurably, isMissing, syncFile, syncFolder } from "../files.ts";
import { type OnProgress, unheard } from "./progress.ts";

const MANIFEST = "backup.json";
/** Pages of one step of a copy: 16 MiB, so that there is something to tell in between. */
const PAGES_PER_STEP = 4_096;

export type BackupSummary = { readonly blobs: number; readonly blobsGone: number };

/** Copies a data folder, in use or not, into a new or empty folder. `store_exists` if it is neither. */
export async function backup(dataFolder: string, target: string, onProgress: OnProgress = unheard): Promise<BackupSummary> {
  needDataFolder(dataFolder);
  await prepareTarget(target);
  try {
    await copyOne(dataFolder, target, { name: FILES.logs, schema: LOG_SCHEMA, onProgress });
    await copyOne(dataFolder, target, { name: FILES.accounts, schema: ACCOUNT_SCHEMA, onProgress });
    for (const key of [FILES.hubKey, FILES.tokenKey]) await copyDurably(join(dataFolder, key), join(target, key));
    const summary = await copyBlobs(dataFolder, target, onProgress);
    await writeFile(join(target, MANIFEST), `${JSON.stringify({ format: 1, ...summary }, undefined, 2)}\n`, { mode: 0o600 });
    await syncFile(join(target, MANIFEST));
    await syncFolder(target);
    return summary;
  } catch (error) {
    throw adminError(error);
  }
}

function adminError(error: unknown): ServerError {
  if (error instanceof ServerError) return asOwnDisk(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC") return new ServerError("store_disk_full", { cause: error });
  return typeof code === "string" && code.startsWith("E") && !code.startsWith("ERR_")
    ? new ServerError("store_unavailable", { cause: error })
    : asOwnDisk(storeError(error));
}

async function prepareTarget(target: string): Promise<void> {
  try {
    await mkdir(target, { recursive: true, mode: 0o700 });
    if ((await readdir(target)).length > 0) throw new ServerError("store_exists");
  } catch (error) {
    throw adminError(error);
  }
}

type Copied = { readonly name: string; readonly schema: Schema; readonly onProgress: OnProgress };

/**
 * One read transaction, so one moment; the server goes on writing meanwhile. The transaction is held over all steps of the copy: SQLite would
 * begin again whenever the server wrote in between.
 */
async function copyOne(from: string, to: string, { name, schema, onProgress }: Copied): Promise<void> {
  const source = openDatabase(join(from, name), schema, "read");
  try {
    source.exec("BEGIN");
    source.prepare("SELECT count(*) FROM sqlite_schema").get();
    await copyDatabase(source, join(to, name), {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) =>
        onProgress({ part: name, done: totalPages - remainingPages, total: totalPages, unit: "pages" }),
    });
    source.exec("COMMIT");
  } finally {
    source.close();
  }
  await syncFile(join(to, name));
}

/** The blobs that the copied database knows. What expired since is taken out of the copy. */
async function copyBlobs(from: string, to: string, onProgress: OnProgress): Promise<BackupSummary> {
  const copy = openDatabase(join(to, FILES.logs), LOG_SCHEMA);
  try {
    const ids = copy
      .prepare("SELECT id FROM blob")
      .all()
      .map((row) => bytesAt(row, "id"));
    let blobsGone = 0;
    for (const [at, id] of ids.entries()) {
      onProgress({ part: FILES.blobs, done: at, total: ids.length, unit: "files" });
      try {
        await copyDurably(blobPath(join(from, FILES.blobs), id), blobPath(join(to, FILES.blobs), id));
      } catch (error) {
        if (!isMissing(error)) throw error;
        forgetBlob(copy, id);
        blobsGone++;
      }
    }
    return { blobs: ids.length - blobsGone, blobsGone };
  } finally {
    copy.close();
  }
}

function forgetBlob(database: DatabaseSync, id: Uint8Array): void {
  database.prepare("DELETE FROM blob WHERE id = ?").run(id);
  database.prepare("DELETE FROM blob_part WHERE blob = ?").run(id);
}

/** Makes a data folder out of a backup. The folder must not exist, or be empty; it is there whole or not at all. */
export async function restore(backupFolder: string, dataFolder: string, onProgress: OnProgress = unheard): Promise<void> {
  if (!existsSync(join(backupFolder, MANIFEST))) throw new ServerError("backup_incomplete");
  try {
    const manifest: unknown = JSON.parse(await readFile(join(backupFolder, MANIFEST), "utf8"));
    const format = typeof manifest === "object" && manifest !== null && "format" in manifest ? manifest.format : undefined;
    if (format !== 1) throw new ServerError(typeof format === "number" ? "store_newer" : "backup_incomplete");
    const target = resolve(dataFolder);
    await prepareTarget(target);
    const partial = `${target}.partial`;
    await rm(partial, { recursive: true, force: true });
    const total = (await readdir(backupFolder, { recursive: true })).length;
    let done = 0;
    await copyTree(backupFolder, partial, () => {
      done++;
      onProgress({ part: "restore", done, total, unit: "files" });
    });
    await rm(target, { recursive: true });
    await rename(partial, target);
    await syncFolder(dirname(target));
  } catch (error) {
    throw error instanceof SyntaxError ? new ServerError("backup_incomplete", { cause: error }) : adminError(error);
  }
}

async function copyTree(from: string, to: string, onItem: () => void): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const item of await readdir(from, { withFileTypes: true })) {
    if (item.name === MANIFEST) continue;
    onItem();
    if (item.isDirectory()) await copyTree(join(from, item.name), join(to, item.name), onItem);
    else await copyDurably(join(from, item.name), join(to, item.name));
  }
  await syncFolder(to);
}
