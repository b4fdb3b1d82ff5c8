/** The server of a profile, kept inside the encrypted store: which one it is is nobody's business who finds the file. */
import type { Store } from "../ports.ts";
import { migrate } from "./migrate.ts";
import { setting, textIn } from "./statements.ts";

/** Whether the profile belongs to an account, and so to the server that has it. */
export async function isProfileRegistered(store: Store): Promise<boolean> {
  await migrate(store);
  const [row] = await store.all("SELECT value FROM settings WHERE key = 'is_registered'");
  return row?.["value"] === 1;
}

/** Undefined before sign-up. */
export async function loadServerAddress(store: Store): Promise<string | undefined> {
  await migrate(store);
  const [row] = await store.all("SELECT value FROM settings WHERE key = 'server'");
  return row && textIn(row, "value");
}

export async function saveServerAddress(store: Store, address: string): Promise<void> {
  await migrate(store);
  await store.write([setting("server", address)]);
}
