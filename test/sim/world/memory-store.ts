/**
 * The client's Store port on SQLite in memory. The disk outlives the processes that open it, as a disk does: what a transaction committed is
 * there for the next one, and nothing else is. An adapter for tests only: it neither encrypts nor survives the process.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Row, SqlValue, Statement, Store } from "@sotto/client";

export class Disk {
  readonly database = new DatabaseSync(":memory:");
  /** Queries that give integers of more than 53 bits. */
  readonly #wide = new Set<string>();
  readonly #prepared = new Map<string, StatementSync>();

  prepare(sql: string): StatementSync {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      prepared = this.database.prepare(sql);
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }

  /** Some columns have integers that no number holds, such as the moments of the search index. They are rounded here: only SQL looks at them. */
  rows(sql: string, parameters: readonly SqlValue[] = []): readonly Row[] {
    if (this.#wide.has(sql)) return this.#wideRows(sql, parameters);
    try {
      return this.#plainRows(sql, parameters);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#wide.add(sql);
      this.prepare(sql).setReadBigInts(true);
      return this.#wideRows(sql, parameters);
    }
  }

  #wideRows(sql: string, parameters: readonly SqlValue[]): readonly Row[] {
    const rounded = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
    const rows = this.prepare(sql).all(...parameters);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as below
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rounded(value)]))) as unknown as Row[];
  }

  #plainRows(sql: string, parameters: readonly SqlValue[]): readonly Row[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- numbers are not read as bigint, so these are all the kinds that SQLite gives
    return this.prepare(sql).all(...parameters) as unknown as Row[];
  }

  write(batch: readonly Statement[]): void {
    this.database.exec("BEGIN IMMEDIATE");
    try {
      for (const { sql, parameters } of batch) this.prepare(sql).run(...parameters);
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
  }
}

export function openMemoryStore(disk: Disk): Store {
  return {
    all: async (sql, parameters) => disk.rows(sql, parameters),
    write: async (batch) => disk.write(batch),
    close: () => Promise.resolve(),
  };
}
