/**
 * A SQLite file that was handed in, as the platform gives it: rows of one table at a time, in the order of their numbers. No SQL of an importer and none of
 * the file is run. A platform without SQLite has no such port.
 */
import type { ExportFile } from "./export-file.ts";

/** Integers are bigints, since times in ns do not fit into a number. */
export type DatabaseRow = { readonly [column: string]: bigint | number | string | Uint8Array | null };

export type RowQuery = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows with a greater number than this. */
  readonly after: bigint;
  readonly limit: number;
};

export interface Database {
  /** Names of the columns of a table that holds rows; none, if there is no such table or if it is anything else, such as a view. */
  columns(table: string): readonly string[];
  /** `rowid` is the number. `isBroken`: behind these rows is one that cannot be read. */
  rows(query: RowQuery): { readonly rows: readonly DatabaseRow[]; readonly isBroken: boolean };
  close(): Promise<void>;
}

/** `log` is the write-ahead log that lies beside the file. Undefined if the file is no database that can be read. Throws {@link FileDamage}. */
export type OpenDatabase = (file: ExportFile, log: ExportFile | undefined) => Promise<Database | undefined>;

const ROWS = 500;
const BROKEN_MAX = 100;

export type TableItem = { readonly kind: "row"; readonly row: DatabaseRow } | { readonly kind: "broken"; readonly after: bigint };

/** All rows of a table. One that cannot be read is passed by and told; after many of them, or if numbers do not grow, it ends. */
export function* tableRows(database: Database, table: string, wanted: readonly string[]): Generator<TableItem> {
  const there = database.columns(table);
  const columns = wanted.filter((column) => there.includes(column));
  let [after, broken] = [-(2n ** 63n), 0];
  while (there.length > 0 && broken < BROKEN_MAX) {
    const { rows, isBroken } = database.rows({ table, columns, after, limit: ROWS });
    for (const row of rows) {
      const number = row["rowid"];
      if (typeof number !== "bigint" || number <= after) return yield { kind: "broken", after };
      after = number;
      yield { kind: "row", row };
    }
    if (!isBroken && rows.length < ROWS) return undefined;
    if (!isBroken) continue;
    broken += 1;
    yield { kind: "broken", after };
    // Only the number is read, so that what is wrong with the row is not met again.
    const next = database.rows({ table, columns: [], after, limit: 1 }).rows[0]?.["rowid"];
    if (typeof next !== "bigint" || next <= after) return undefined;
    after = next;
  }
  return undefined;
}
