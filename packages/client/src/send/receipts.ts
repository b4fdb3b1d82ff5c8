/** Turns the receipts that are due into one message for each conversation. Storing the message and clearing what is due is one transaction. */
import { LIMITS, logId, messageId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { bytesIn, oneOf, sql } from "../store/statements.ts";
import { sendContent } from "./send.ts";

/** Whether anything was put into the outbox. */
export async function flushReceipts(engine: Engine): Promise<boolean> {
  const select =
    "SELECT DISTINCT m.log FROM messages m JOIN conversations c ON c.log = m.log WHERE m.receipt_due IS NOT NULL AND c.status = 'active' AND c.trouble IS NULL";
  return engine.serial.run("receipts", async () => {
    const due = await engine.ports.store.all(select);
    for (const row of due) await flush(engine, bytesIn(row, "log"));
    return due.length > 0;
  });
}

async function flush(engine: Engine, log: Uint8Array): Promise<void> {
  const select = "SELECT local_id, message_id, receipt_due FROM messages WHERE log = ? AND receipt_due IS NOT NULL LIMIT ?";
  const rows = await engine.ports.store.all(select, [log, LIMITS.statusesPerReportMax]);
  const statuses = rows.map((row) => ({
    id: toId(messageId, bytesIn(row, "message_id")),
    status: oneOf(row, "receipt_due", ["delivered", "read"] as const),
  }));
  const also = rows.map((row) => {
    const clear = "UPDATE messages SET receipt_due = NULL WHERE local_id = ? AND receipt_due = ?";
    return sql(clear, bytesIn(row, "local_id"), oneOf(row, "receipt_due", ["delivered", "read"] as const));
  });
  await sendContent(engine, toId(logId, log), { body: { kind: "status", statuses }, also });
}
