/** Taking out a row of the outbox that cannot succeed: its message shows as failed, and why; a log that cannot be made spoils its conversation. */
import type { SqlValue, Statement } from "../ports.ts";
import { sql } from "../store/statements.ts";
import { dequeue, type OutboxRow } from "./outbox.ts";

/** Of the messages that `where` chooses. */
export function failed(code: string, where: string, ...parameters: readonly SqlValue[]): Statement {
  return sql(`UPDATE messages SET state = 'failed', failure = ? WHERE ${where}`, code, ...parameters);
}

export function abandoned(row: OutboxRow, code: string): Statement[] {
  if (row.kind !== "create") return [failed(code, "local_id = ?", row.localId), dequeue(row.localId)];
  return [
    failed(code, "state = 'sending' AND local_id IN (SELECT local_id FROM outbox WHERE log = ?)", row.log),
    sql("DELETE FROM outbox WHERE log = ?", row.log),
    sql("UPDATE conversations SET trouble = ? WHERE log = ?", code, row.log),
  ];
}
