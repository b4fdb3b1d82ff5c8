/**
 * A new master key and recovery key (spec/identity.md §Removing a device): whoever holds the old master key could otherwise bring devices into the
 * account, so this goes with every removal. What was made is stored before its entry leaves; after a crash it counts if the chain took the entry,
 * and is dropped if not.
 *
 *   setting `rotation`        until the chain took it or another entry: stored-rotation.ts
 *   setting `rotation_due`    from before a device is removed until the chain took the rotation that follows
 *   setting `recovery_text`   until its owner has seen it: account/recovery-text.ts
 */
import { deviceSigner, recoveryKeyToText, recoveryPublicKey, rotateRecovery } from "@sotto/core";
import { type ChainState, equalBytes } from "@sotto/protocol";
import { latestMasterKey } from "../account/master-keys.ts";
import { unseenRecoveryText } from "../account/recovery-text.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { setting, sql } from "../store/statements.ts";
import { decodeRotation, encodeRotation } from "./stored-rotation.ts";

const PENDING = "rotation";
const DUE = "rotation_due";
const ROUNDS_MAX = 3;

/** Whether this device has the master key that the account has now. */
export async function hasCurrentMasterKey(engine: Engine, { recoveryKey }: ChainState): Promise<boolean> {
  const { key } = await latestMasterKey(engine.ports.store);
  return equalBytes(recoveryPublicKey(key, engine.context).key, recoveryKey.key);
}

/** What became of a rotation that was cut short, now that the chain is known. */
export function finishRotation(engine: Engine, chain: ChainState): Promise<void> {
  return engine.serial.run(PENDING, () => finish(engine, chain));
}

async function finish(engine: Engine, { recoveryKey }: ChainState): Promise<void> {
  const { store } = engine.ports;
  const [row] = await store.all("SELECT value FROM settings WHERE key = ?", [PENDING]);
  const stored = row?.["value"];
  if (!(stored instanceof Uint8Array)) return;
  const gone = sql("DELETE FROM settings WHERE key = ?", PENDING);
  const read = decodeRotation(stored);
  if (!read.ok) {
    // If the chain took its entry, `master_key_behind` tells so where the key is needed.
    await store.write([gone]);
    return engine.emit({ kind: "failure", code: read.code, cause: undefined });
  }
  const { masterKey, wrappedKey, recoveryText } = read.value;
  if (!equalBytes(recoveryPublicKey(masterKey.key, engine.context).key, recoveryKey.key)) return store.write([gone]);
  await store.write([
    gone,
    sql("DELETE FROM settings WHERE key = ?", DUE),
    ...engine.own.statements({ kind: "masterKey", generation: masterKey.generation, key: masterKey.key }),
    setting("wrapped_key", wrappedKey),
    setting("is_kept", 0),
    setting("recovery_text", recoveryText),
  ]);
}

/** A device is about to be removed: no recovery key from before is shown as the new one. The chain is the one that the removal goes on. */
export function rotationComes(engine: Engine, chain: ChainState): Promise<void> {
  return engine.serial.run(PENDING, async () => {
    await finish(engine, chain);
    await engine.ports.store.write([setting(DUE, 1)]);
  });
}

async function isDue(engine: Engine): Promise<boolean> {
  return (await engine.ports.store.all("SELECT value FROM settings WHERE key = ?", [DUE])).length > 0;
}

type Rotating = { readonly account: Pick<Line, "ask">; readonly freshChain: () => Promise<ChainState> };

/** The new recovery key, or that of an earlier call if its owner has not seen it and no device was removed since. */
export function rotateKeys(engine: Engine, rotating: Rotating): Promise<string> {
  return engine.serial.run(PENDING, () => rotate(engine, rotating));
}

async function rotate(engine: Engine, { account, freshChain }: Rotating): Promise<string> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const chain = await freshChain();
    await finish(engine, chain);
    const unseen = await unseenRecoveryText(engine.ports.store);
    if (unseen !== undefined && !(await isDue(engine))) return unseen;
    const { generation } = await latestMasterKey(engine.ports.store);
    const made = orThrow(rotateRecovery(chain, { signer: deviceSigner(engine.self), generation }, engine.context));
    const { entry, recoveryKey } = made;
    const rotation = encodeRotation({ ...made, recoveryText: recoveryKeyToText(recoveryKey) });
    await engine.ports.store.write([setting(PENDING, rotation)]);
    orThrow(await account.ask("account.chainAppend", { entry }));
  }
  throw new ClientError("link_changed");
}
