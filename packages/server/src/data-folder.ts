/**
 * The data folder (spec/server.md §Storage): everything that the server keeps, for one process at a time.
 *
 *   lock          held by SQLite's file lock while a server runs, so that it goes with the process
 *   logs.db       logs, spent tokens, facts of blobs
 *   accounts.db   accounts, inboxes
 *   blobs/        files
 *   hub.key       32 bytes: receipts
 *   tokens.key    32 bytes: the seed of the key that issues anonymous tokens
 */
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ACCOUNT_SCHEMA } from "./accounts/account-schema.ts";
import { LOG_SCHEMA } from "./log/log-schema.ts";
import { ServerError } from "./server-error.ts";
import { openDatabase, storeError } from "./sqlite/database.ts";

export const FILES = {
  lock: "lock",
  logs: "logs.db",
  accounts: "accounts.db",
  blobs: "blobs",
  hubKey: "hub.key",
  tokenKey: "tokens.key",
} as const;
const KEY_BYTES = 32;

export type DataFolder = {
  readonly path: string;
  readonly logs: DatabaseSync;
  readonly accounts: DatabaseSync;
  readonly hubKey: Uint8Array;
  readonly tokenSeed: Uint8Array;
  readonly blobs: string;
  readonly unlock: () => void;
};

export function openDataFolder(path: string): DataFolder {
  let unlock: (() => void) | undefined;
  const opened: DatabaseSync[] = [];
  const open = (...from: Parameters<typeof openDatabase>): DatabaseSync => {
    const database = openDatabase(...from);
    opened.push(database);
    return database;
  };
  try {
    mkdirSync(join(path, FILES.blobs), { recursive: true, mode: 0o700 });
    if (process.platform !== "win32") chmodSync(path, 0o700);
    unlock = lock(join(path, FILES.lock));
    const isNew = !existsSync(join(path, FILES.logs)) && !existsSync(join(path, FILES.accounts));
    // The keys come first: a database tells that the folder has had its keys, so a start that is cut off before is one from the beginning.
    const hubKey = readKey(join(path, FILES.hubKey), isNew);
    const tokenSeed = readKey(join(path, FILES.tokenKey), isNew);
    const logs = open(join(path, FILES.logs), LOG_SCHEMA);
    const accounts = open(join(path, FILES.accounts), ACCOUNT_SCHEMA);
    return { path, logs, accounts, hubKey, tokenSeed, blobs: join(path, FILES.blobs), unlock };
  } catch (error) {
    for (const database of opened) database.close();
    unlock?.();
    throw folderError(error);
  }
}

/** Throws `store_unavailable` unless a server has been here: administration makes no folder. */
export function needDataFolder(path: string): void {
  if (!existsSync(join(path, FILES.logs))) throw new ServerError("store_unavailable");
}

/** To the operator, whose own disk it is. */
export function asOwnDisk(error: ServerError): ServerError {
  const code = error.code === "server_disk_full" ? "store_disk_full" : error.code === "server_read_only" ? "store_unavailable" : undefined;
  return code === undefined ? error : new ServerError(code, { cause: error });
}

function folderError(error: unknown): ServerError {
  if (error instanceof ServerError) return asOwnDisk(error);
  const isFileError = error instanceof Error && "syscall" in error;
  if (!isFileError) return asOwnDisk(storeError(error));
  const isFull = "code" in error && error.code === "ENOSPC";
  return new ServerError(isFull ? "store_disk_full" : "store_unavailable", { cause: error });
}

/** A lock that the operating system lifts when the process ends, however it ends. */
function lock(path: string): () => void {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw storeError(error);
  }
  return () => database.close();
}

/** Reads a key, or makes it in a new folder: in place only when it is whole and durable. A key that went missing is damage, not a fresh start. */
function readKey(path: string, isNew: boolean): Uint8Array {
  if (existsSync(path)) {
    const key = readFileSync(path);
    if (key.length !== KEY_BYTES) throw new ServerError("store_damaged");
    return key;
  }
  if (!isNew) throw new ServerError("store_damaged");
  const key = randomBytes(KEY_BYTES);
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, key);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  if (process.platform !== "win32") syncFolderNow(join(path, ".."));
  return key;
}

function syncFolderNow(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Refuses writes while the disk is nearly full: SQLite needs room to clean up, and an operator to notice. */
export function createDiskGuard(
  path: string,
  options: { readonly bytesMin: number; readonly everyMs: number; readonly now: () => number },
): () => void {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let isFull = false;
  return () => {
    const now = options.now();
    if (Math.abs(now - checkedAt) >= options.everyMs) {
      checkedAt = now;
      const { bavail, bsize } = statfsSync(path);
      isFull = bavail * bsize < options.bytesMin;
    }
    if (isFull) throw new ServerError("server_disk_full");
  };
}
