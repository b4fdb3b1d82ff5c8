/**
 * The recovery key as its owner writes it down: kept in `settings` until they have seen it, so that no crash between making and showing loses it.
 *
 *   setting `recovery_text`   from sign-up or a rotation, until it was seen or the account has a newer one
 */
import type { Statement, Store } from "../ports.ts";
import { sql, textIn } from "../store/statements.ts";

/** Undefined once it was seen. */
export async function unseenRecoveryText(store: Store): Promise<string | undefined> {
  const [row] = await store.all("SELECT value FROM settings WHERE key = 'recovery_text'");
  return row && textIn(row, "value");
}

export function recoveryTextSeen(text: string): Statement {
  return sql("DELETE FROM settings WHERE key = 'recovery_text' AND value = ?", text);
}

/** Before a master key is kept: with one that is new here, the recovery key of an older one opens nothing any more. */
export function recoveryTextReplaced(generation: number): Statement {
  const isNew = "NOT EXISTS (SELECT 1 FROM master_keys WHERE generation >= ?)";
  return sql(`DELETE FROM settings WHERE key = 'recovery_text' AND ${isNew}`, generation);
}
