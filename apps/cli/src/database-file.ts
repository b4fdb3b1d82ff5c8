/**
 * A SQLite file of an import, read by Node.js's own SQLite. The file is untrusted, and may be in use by the program that it belongs to: a copy of it is
 * opened, read-only, in a folder that nobody else can look into and that is gone as soon as SQLite has the files open.
 *
 * What the file says it is does not matter: the only statements that run are those here, on one table that stores rows, and SQLite is told to refuse
 * everything else (views, triggers, functions, extensions). Values over the limit of a record are an error of their row.
 */
import { constants, DatabaseSync } from "node:sqlite";
import { chmod, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database, DatabaseRow, ExportFile, RowQuery } from "@sotto/archive";

const VALUE_BYTES_MAX = 8 * 1024 * 1024;
const { SQLITE_DENY, SQLITE_OK, SQLITE_READ, SQLITE_SELECT } = constants;

async function copyTo(path: string, file: ExportFile): Promise<void> {
  const out = await open(path, "wx", 0o600);
  try {
    for await (const chunk of file.open()) await out.write(chunk);
  } finally {
    await out.close();
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

class SqliteFile implements Database {
  readonly #database: DatabaseSync;
  readonly #columns = new Map<string, readonly string[]>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    // Read while the folder is there: the write-ahead log is opened with the first read.
    const tables = database.prepare("SELECT name, type, sql FROM sqlite_schema").all();
    for (const { name, type, sql } of tables) {
      if (type !== "table" || typeof name !== "string" || typeof sql !== "string" || /^\s*CREATE\s+VIRTUAL/i.test(sql)) continue;
      this.#columns.set(name, this.#columnsOf(name));
    }
    database.setAuthorizer((action) => (action === SQLITE_SELECT || action === SQLITE_READ ? SQLITE_OK : SQLITE_DENY));
  }

  /** None, if a column is computed: that would run what the file says. */
  #columnsOf(table: string): readonly string[] {
    const all = this.#database.prepare(`PRAGMA table_xinfo(${quoted(table)})`).all();
    if (all.some(({ hidden }) => hidden !== 0)) return [];
    const number = all.find(({ name }) => typeof name === "string" && name.toLowerCase() === "rowid");
    if (number !== undefined && number["pk"] !== 1) return [];
    return all.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  }

  columns(table: string): readonly string[] {
    return this.#columns.get(table) ?? [];
  }

  rows({ table, columns, after, limit }: RowQuery): { readonly rows: readonly DatabaseRow[]; readonly isBroken: boolean } {
    const names = columns.map((column) => `, ${quoted(column)}`).join("");
    const rows: DatabaseRow[] = [];
    try {
      const statement = this.#database.prepare(
        `SELECT rowid AS rowid${names} FROM ${quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      );
      statement.setReadBigInts(true);
      for (const row of statement.iterate(after, limit)) rows.push(row);
      return { rows, isBroken: false };
    } catch {
      return { rows, isBroken: true };
    }
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }
}

export async function openDatabase(file: ExportFile, log: ExportFile | undefined): Promise<Database | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "sotto-import-"));
  try {
    await chmod(folder, 0o700);
    const path = join(folder, "copy.db");
    await copyTo(path, file);
    if (log !== undefined) await copyTo(`${path}-wal`, log);
    return openCopy(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openCopy(path: string): Database | undefined {
  let database: DatabaseSync | undefined;
  try {
    const limits = { length: VALUE_BYTES_MAX, sqlLength: 100_000, attach: 0 };
    database = new DatabaseSync(path, {
      readOnly: true,
      allowExtension: false,
      enableDoubleQuotedStringLiterals: false,
      defensive: true,
      limits,
    });
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
    return new SqliteFile(database);
  } catch {
    database?.close();
    return undefined;
  }
}
