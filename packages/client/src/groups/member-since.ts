/** Who came into a conversation while this device was in: they are not to be handed what was said before (spec/groups.md §History). */
import type { AccountId, LogId } from "@sotto/protocol";
import type { Statement, Store } from "../ports.ts";
import { numberIn, sql } from "../store/statements.ts";

const CAME = `INSERT OR REPLACE INTO member_since (log, account, seq)
  SELECT c.log, ?, p.base + c.cursor FROM conversations c JOIN places p ON p.log = c.log WHERE c.log = ?`;

/** They read what this device reads from its cursor on. Behind the statement that moves the cursor. */
export function cameStatements(log: LogId, accounts: readonly AccountId[]): Statement[] {
  return accounts.map((account) => sql(CAME, account, log));
}

/** The first place in the timeline that the account may be handed; 0 for somebody who was there before this device. */
export async function memberSince(store: Store, log: LogId, account: AccountId): Promise<number> {
  const [row] = await store.all("SELECT seq FROM member_since WHERE log = ? AND account = ?", [log, account]);
  return row === undefined ? 0 : numberIn(row, "seq");
}
