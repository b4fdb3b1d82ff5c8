/**
 * New keys for this device, by a commit without proposals (spec/groups.md §Renewal). It stands first in the lane, so nothing leaves before it that
 * was sealed with keys which an older copy of this store may have used already.
 */
import type { LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { encodePlan } from "../groups/plan.ts";
import type { Statement } from "../ports.ts";
import { enqueueFirst } from "../send/outbox.ts";
import { newLocalId } from "../store/local-id.ts";

const RENEW = encodePlan({ kind: "renew" });

async function isRenewalWaiting({ ports }: Engine, log: LogId): Promise<boolean> {
  return (await ports.store.all("SELECT 1 FROM outbox WHERE log = ? AND kind = 'commit' AND draft = ?", [log, RENEW])).length > 0;
}

export async function renewalStatements(engine: Engine, log: LogId): Promise<Statement[]> {
  if (await isRenewalWaiting(engine, log)) return [];
  return [enqueueFirst({ log, localId: newLocalId(engine.context), kind: "commit", draft: RENEW })];
}
