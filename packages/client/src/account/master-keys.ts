/** The master keys of the account that this device has, by generation: the newest counts, older ones open what was made with them. */
import type { MasterKey } from "@sotto/core";
import { ClientError } from "../client-error.ts";
import type { Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";

export async function latestMasterKey(store: Store): Promise<MasterKey> {
  const [row] = await store.all("SELECT generation, key FROM master_keys ORDER BY generation DESC LIMIT 1");
  if (row === undefined) throw new ClientError("store_damaged");
  return { generation: numberIn(row, "generation"), key: bytesIn(row, "key") };
}

export function keepMasterKey({ generation, key }: MasterKey): Statement {
  return sql("INSERT OR IGNORE INTO master_keys VALUES (?, ?)", generation, key);
}
