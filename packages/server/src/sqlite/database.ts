/**
 * Opening an SQLite file of the data folder (spec/server.md §Storage): write-ahead log, synchronous=FULL (NORMAL loses acknowledged writes at
 * a power cut), a schema version, and stable codes for whatever is wrong with the file.
 */
import { DatabaseSync } from "node:sqlite";
import { ServerError } from "../server-error.ts";
import type { ErrorCode } from "@sotto/protocol";

/** "Soto" in ASCII: tells our files from those of other programs (SQLite file format §1.3.17). */
const APPLICATION_ID = 0x536f746f;

export type Schema = {
  /** One script for each version; the n-th one leads from version n to n + 1. */
  readonly migrations: readonly string[];
};

export type OpenMode = "write" | "read";

/** SQLite result codes (sqlite.org/rescode.html), without the extended part. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  5: "store_locked",
  6: "store_locked",
  8: "server_read_only",
  10: "store_unavailable",
  11: "store_damaged",
  13: "server_disk_full",
  14: "store_unavailable",
  26: "store_damaged",
};

/** An error of SQLite as one of ours. */
export function storeError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const number = error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : -1;
  return new ServerError(CODES[number] ?? "server_failed", { cause: error });
}

export function openDatabase(path: string, schema: Schema, mode: OpenMode = "write"): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: mode === "read", timeout: 5_000 });
    if (mode === "write") prepareForWriting(database, schema);
    checkVersion(database, schema);
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error);
  }
}

function numberOf(database: DatabaseSync, pragma: string): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  const value = Object.values(row ?? {})[0];
  return typeof value === "number" ? value : -1;
}

function checkVersion(database: DatabaseSync, schema: Schema): void {
  if (numberOf(database, "application_id") !== APPLICATION_ID) throw new ServerError("store_damaged");
  const version = numberOf(database, "user_version");
  if (version > schema.migrations.length) throw new ServerError("store_newer");
  if (version < schema.migrations.length) throw new ServerError("store_damaged");
}

function prepareForWriting(database: DatabaseSync, schema: Schema): void {
  const version = numberOf(database, "user_version");
  if (version > schema.migrations.length) throw new ServerError("store_newer");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON");
  if (version === schema.migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const migration of schema.migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${schema.migrations.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
