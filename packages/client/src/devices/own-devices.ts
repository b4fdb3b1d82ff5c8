/** Which conversations lack devices of this account, or still have ones that it removed, and the commits that put it right. */
import { type Conversation, missingDevices, revokedMembers } from "@sotto/core";
import { equalBytes, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { encodePlan } from "../groups/plan.ts";
import type { Statement } from "../ports.ts";
import { enqueue } from "../send/outbox.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn } from "../store/statements.ts";

/** A commit for the conversation, by its name on this device, if its members are not the account's devices as its chain is known here. */
export function ownDevicesStatements(engine: Engine, name: LogId, conversation: Conversation): Statement[] {
  const { account } = engine.me;
  const lookup = engine.chains.lookup();
  const isOwn = (member: { readonly account: Uint8Array }): boolean => equalBytes(member.account, account);
  const isWhole =
    missingDevices(conversation, account, lookup).length === 0 && !revokedMembers(conversation, lookup).some((member) => isOwn(member));
  if (isWhole) return [];
  const draft = encodePlan({ kind: "devices", accounts: [account] });
  return [enqueue({ log: name, localId: newLocalId(engine.context), kind: "commit", draft })];
}

export type Due = { readonly log: LogId; readonly statements: readonly Statement[] };

/** The same for all conversations, the self group first, so that a new device hears early what the others share. */
export async function conversationsToTend(engine: Engine): Promise<Due[]> {
  const select = `SELECT log FROM conversations WHERE status IN ('active', 'request') AND trouble IS NULL
    ORDER BY kind <> 'self', updated_at DESC`;
  const due: Due[] = [];
  for (const row of await engine.ports.store.all(select)) {
    const log = toId(logId, bytesIn(row, "log"));
    const statements = ownDevicesStatements(engine, log, await engine.conversations.get(log));
    if (statements.length > 0) due.push({ log, statements });
  }
  return due;
}
