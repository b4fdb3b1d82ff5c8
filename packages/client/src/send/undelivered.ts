/**
 * Invitations that an inbox does not take for good: who invited sees whom it did not reach, and why, until that person is invited again or goes.
 *
 * Other notes are asked for again by whoever waits for them, so nobody has to hear of one that was refused.
 */
import { type AccountId, accountId, bytesToHex, toId } from "@sotto/protocol";
import { type ClientErrorCode, isClientErrorCode } from "../client-error.ts";
import type { Statement, Store } from "../ports.ts";
import { isNoteLane } from "./lane-names.ts";
import { bytesIn, sql, textIn } from "../store/statements.ts";
import { decodeDelivery } from "./delivery.ts";
import { dequeue, nextDeliveries, type OutboxRow } from "./outbox.ts";

export type Undelivered = { readonly account: AccountId; readonly username: string; readonly code: ClientErrorCode };

/** Takes out a row `deliver`, or an `upload` with those that name its blob. */
export async function undeliverable(store: Store, row: OutboxRow, code: string): Promise<Statement[]> {
  const mail = row.kind === "deliver" ? [row] : await nextDeliveries(store, row);
  const insert = "INSERT OR REPLACE INTO undelivered (log, account, code) VALUES (?, ?, ?)";
  const told = mail.flatMap(({ lane, log, draft }) => {
    const delivery = decodeDelivery(draft);
    return isNoteLane(lane) || !delivery.ok ? [] : [sql(insert, log, delivery.value.to.account, code)];
  });
  return [...[row, ...mail].map(({ localId }) => dequeue(localId)), ...told];
}

/** They came anew, or went. */
export function forgetUndelivered(log: Uint8Array, accounts: readonly AccountId[]): Statement[] {
  return accounts.map((account) => sql("DELETE FROM undelivered WHERE log = ? AND account = ?", log, account));
}

/** By log in hex. */
export async function undeliveredByLog(store: Store): Promise<ReadonlyMap<string, readonly Undelivered[]>> {
  const select = `SELECT u.log, u.account, u.code, coalesce(p.username, '') AS username FROM undelivered u
    LEFT JOIN contacts p ON p.account = u.account ORDER BY u.log, u.account`;
  const found = new Map<string, Undelivered[]>();
  for (const row of await store.all(select)) {
    const code = textIn(row, "code");
    const key = bytesToHex(bytesIn(row, "log"));
    const person = { account: toId(accountId, bytesIn(row, "account")), username: textIn(row, "username") };
    found.set(key, [...(found.get(key) ?? []), { ...person, code: isClientErrorCode(code) ? code : "message_not_sent" }]);
  }
  return found;
}
