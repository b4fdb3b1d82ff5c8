/**
 * What the server keeps for a device that comes with an unlocker (spec/backup.md §Unlockers, §Account card): sent again when it has changed. The
 * setting `is_kept` goes with each change, in the same transaction, so that a crash in between only means that it is sent at the next login.
 */
import { recoveryPublicKey, sealAccountCard } from "@sotto/core";
import { equalBytes } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { setting } from "../store/statements.ts";
import { latestMasterKey } from "./master-keys.ts";

async function value(engine: Engine, key: string): Promise<unknown> {
  const [row] = await engine.ports.store.all("SELECT value FROM settings WHERE key = ?", [key]);
  return row?.["value"];
}

/** The copies that are there stay, except that one which this device made takes the place of all: it is of the newest master key. */
export async function keepAccount(engine: Engine, line: Pick<Line, "ask">): Promise<void> {
  if ((await value(engine, "is_kept")) === 1) return;
  const { account, username, contactToken } = engine.me;
  const { key: masterKey } = await latestMasterKey(engine.ports.store);
  const chain = engine.chains.known(account);
  // A device that has not heard of the newest master key yet would seal with one that opens nothing any more.
  const isBehind = chain !== undefined && !equalBytes(recoveryPublicKey(masterKey, engine.context).key, chain.recoveryKey.key);
  if (isBehind) return;
  const made = await value(engine, "wrapped_key");
  const present =
    made instanceof Uint8Array ? { ok: true as const, value: { wrappedKeys: [made] } } : await line.ask("account.kept", { account });
  if (!present.ok) return;
  const card = sealAccountCard({ username, contactToken }, { account, masterKey }, engine.context);
  const { wrappedKeys } = present.value;
  const answer = await line.ask("account.keep", { wrappedKeys, card });
  if (answer.ok) await engine.ports.store.write([setting("is_kept", 1)]);
}
