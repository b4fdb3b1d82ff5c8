/**
 * The conversations with one person (spec/client-store.md §People). Two people who write to each other for the first time at the same moment have two:
 * both are read, and both sides write to the one whose MLS group has the lowest id.
 */
import type { AccountId } from "@sotto/protocol";
import type { Store } from "../ports.ts";
import { bytesIn } from "../store/statements.ts";

/** Names on this device: first the one that is written to. One that was left comes after the others. */
export async function directLogs(store: Store, peer: AccountId): Promise<Uint8Array[]> {
  const select = `SELECT c.log FROM conversations c JOIN places p ON p.log = c.log WHERE c.peer = ? AND c.kind = 'direct'
    AND c.status IN ('active', 'request', 'left') ORDER BY c.status = 'left', p.group_id`;
  return (await store.all(select, [peer])).map((row) => bytesIn(row, "log"));
}
