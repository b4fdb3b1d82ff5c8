/**
 * A device that comes to an account, by link or by recovery key. Its keys are stored before anybody hears of them, so that after a crash it goes on
 * as the same device; what it is given becomes its profile in one transaction.
 */
import {
  createDeviceKeys,
  decodeDeviceKeys,
  type DeviceKeys,
  encodeDeviceKeys,
  type MasterKey,
  openAccountCard,
  recoveryPublicKey,
  verifyChain,
} from "@sotto/core";
import { type AccountId, type ChainState, equalBytes, idToText, type Kept, LIMITS } from "@sotto/protocol";
import { type NewProfile, profileStatements } from "../account/profile.ts";
import { keepMasterKey } from "../account/master-keys.ts";
import { encodeStoredChain } from "../account/stored-chain.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { setting, sql } from "../store/statements.ts";

const PENDING = "pending_device";

export async function pendingDevice(engine: Engine): Promise<DeviceKeys> {
  if (engine.profile !== undefined) throw new ClientError("profile_exists");
  const { store } = engine.ports;
  const [row] = await store.all("SELECT value FROM settings WHERE key = ?", [PENDING]);
  const stored = row?.["value"];
  if (stored instanceof Uint8Array) return orThrow(decodeDeviceKeys(stored, engine.context));
  const made = createDeviceKeys(engine.context);
  await store.write([setting(PENDING, encodeDeviceKeys(made))]);
  return made;
}

/** Keys that no chain took: the next attempt makes others. */
export async function forgetPending(engine: Engine): Promise<void> {
  await engine.ports.store.write([sql("DELETE FROM settings WHERE key = ?", PENDING)]);
}

export type Chain = { readonly entries: readonly Uint8Array[]; readonly state: ChainState };

/** A chain for which there is no place yet, as the directory has it. */
export async function fetchChain(engine: Engine, line: Pick<Line, "ask">, account: AccountId): Promise<Chain> {
  const entries: Uint8Array[] = [];
  for (;;) {
    const part = orThrow(await line.ask("directory.chain", { account, from: entries.length }));
    entries.push(...part.entries);
    if (entries.length >= part.length || part.entries.length === 0 || entries.length > LIMITS.chainEntriesMax) break;
  }
  return { entries, state: orThrow(verifyChain(entries, engine.context, account)) };
}

export type Arrival = { readonly keys: DeviceKeys; readonly chain: Chain; readonly masterKey: MasterKey; readonly kept: Kept };

/** Fails with `chain_device_unknown` before the chain has the device, and with `unlock_failed` for a master key that is not the account's. */
export function arrive(engine: Engine, { keys, chain, masterKey, kept }: Arrival): NewProfile {
  const { context } = engine;
  const { account, devicesById, recoveryKey } = chain.state;
  if (!devicesById.has(idToText(keys.id))) throw new ClientError("chain_device_unknown");
  if (!equalBytes(recoveryPublicKey(masterKey.key, context).key, recoveryKey.key)) throw new ClientError("unlock_failed");
  const card = orThrow(openAccountCard(kept.card, { account, masterKey: masterKey.key }, context));
  const [genesis = new Uint8Array()] = chain.entries;
  const profile = { account, device: { ...keys, account }, genesis, isRegistered: true, ...card };
  const statements = [
    ...profileStatements(profile),
    keepMasterKey(masterKey),
    setting("is_kept", 1),
    sql("DELETE FROM settings WHERE key = ?", PENDING),
    sql("INSERT OR REPLACE INTO chains VALUES (?, ?, ?)", account, encodeStoredChain(chain.entries), context.now),
  ];
  return { profile, statements };
}
