/**
 * New keys for this device, by a commit without proposals (spec/groups.md §Renewal). It stands first in the lane, so nothing leaves before it that
 * was sealed with keys which an older copy of this store may have used already.
 */
import { idToText, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { encodePlan } from "../groups/plan.ts";
import type { Statement } from "../ports.ts";
import { enqueueFirst } from "../send/outbox.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn, sql } from "../store/statements.ts";

const RENEW = encodePlan({ kind: "renew" });

async function isRenewalWaiting({ ports }: Engine, log: LogId): Promise<boolean> {
  return (await ports.store.all("SELECT 1 FROM outbox WHERE log = ? AND kind = 'commit' AND draft = ?", [log, RENEW])).length > 0;
}

export async function renewalStatements(engine: Engine, log: LogId): Promise<Statement[]> {
  if (await isRenewalWaiting(engine, log)) return [];
  return [enqueueFirst({ log, localId: newLocalId(engine.context), kind: "commit", draft: RENEW })];
}

const DAY_MS = 86_400_000;
const RENEWED_AFTER_MS = 7 * DAY_MS;
/** Members who came at one moment do not all renew at one moment. */
const SPREAD_MS = 1.5 * DAY_MS;

/** An own commit has given this device new keys. */
export function isRenewed(log: LogId, at: number): Statement {
  return sql("UPDATE places SET renewed_at = ? WHERE log = ?", at, log);
}

/** Puts a renewal into the outbox of each conversation that is due for one. How many. */
export async function renewDue(engine: Engine): Promise<number> {
  const { store } = engine.ports;
  const { now, random } = engine.context;
  for (const row of await store.all("SELECT log FROM places WHERE renewed_at = 0")) {
    const [part = 0] = random(1);
    await store.write([isRenewed(toId(logId, bytesIn(row, "log")), now - Math.floor((SPREAD_MS * part) / 256))]);
  }
  const select = `SELECT p.log FROM places p JOIN conversations c ON c.log = p.log
    WHERE p.renewed_at < ? AND p.repair IS NULL AND c.status = 'active' AND c.trouble IS NULL`;
  const due = await store.all(select, [now - RENEWED_AFTER_MS]);
  for (const row of due) {
    const log = toId(logId, bytesIn(row, "log"));
    await engine.serial.run(idToText(log), async () => store.write(await renewalStatements(engine, log)));
  }
  return due.length;
}
