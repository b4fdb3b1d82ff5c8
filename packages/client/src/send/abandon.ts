/** Taking out a row of the outbox that cannot succeed: its message shows as failed; a log that cannot be made spoils its conversation. */
import type { Statement } from "../ports.ts";
import { sql } from "../store/statements.ts";
import { dequeue, type OutboxRow } from "./outbox.ts";

export function abandoned(row: OutboxRow, code: string): Statement[] {
  const failed = sql("UPDATE messages SET state = 'failed' WHERE local_id = ?", row.localId);
  const trouble = sql("UPDATE conversations SET trouble = ? WHERE log = ?", code, row.log);
  return row.kind === "create" ? [sql("DELETE FROM outbox WHERE log = ?", row.log), failed, trouble] : [dequeue(row.localId), failed];
}
