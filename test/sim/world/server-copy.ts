/** A copy of a server's databases at one moment, as a backup holds it, and setting the server back to it. */
import type { DatabaseSync } from "node:sqlite";

const TABLES = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";

function tablesOf(database: DatabaseSync): string[] {
  return database
    .prepare(TABLES)
    .all()
    .map(({ name }) => `"${String(name)}"`);
}

export class DatabaseCopy {
  readonly #database: DatabaseSync;
  readonly #tables: readonly string[];

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#tables = tablesOf(database);
    database.exec("ATTACH ':memory:' AS kept");
  }

  take(): void {
    for (const table of this.#tables) {
      this.#database.exec(`DROP TABLE IF EXISTS kept.${table}; CREATE TABLE kept.${table} AS SELECT * FROM main.${table}`);
    }
  }

  /** While no program has the database open. */
  restore(): void {
    this.#database.exec("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE");
    for (const table of this.#tables) {
      this.#database.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM kept.${table}`);
    }
    this.#database.exec("COMMIT; PRAGMA foreign_keys = ON");
  }
}
