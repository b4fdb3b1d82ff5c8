/** Brings a store to the tables of this version. One from a newer version is left alone: `store_newer`. */
import { ClientError } from "../client-error.ts";
import type { Store } from "../ports.ts";
import { MIGRATIONS } from "./schema.ts";
import { numberIn, sql } from "./statements.ts";

export async function migrate(store: Store): Promise<void> {
  const [row] = await store.all("PRAGMA user_version");
  const version = row === undefined ? 0 : numberIn(row, "user_version");
  if (version > MIGRATIONS.length) throw new ClientError("store_newer");
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) await store.write([...migration.map((text) => sql(text)), sql(`PRAGMA user_version = ${index + 1}`)]);
  }
}
