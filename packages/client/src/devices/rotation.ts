/**
 * A new master key and recovery key (spec/identity.md §Removing a device): whoever holds the old master key could otherwise bring devices into the
 * account, so this goes with every removal. What was made is stored before its entry leaves; after a crash it counts if the chain took the entry,
 * and is dropped if not.
 *
 *   setting `rotation`        CBOR [ entry, generation, master key, wrapped key, recovery key as text ]
 *   setting `recovery_text`   until its owner has seen it
 */
import { deviceSigner, type MasterKey, recoveryKeyToText, recoveryPublicKey, rotateRecovery } from "@sotto/core";
import { type ChainState, cborLimits, decodeCbor, encodeCbor, equalBytes, LIMITS } from "@sotto/protocol";
import { latestMasterKey } from "../account/master-keys.ts";
import { takeRecoveryText } from "../account/profile.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { setting, sql } from "../store/statements.ts";

const PENDING = "rotation";
const ROUNDS_MAX = 3;

type Rotation = {
  readonly entry: Uint8Array;
  readonly masterKey: MasterKey;
  readonly wrappedKey: Uint8Array;
  readonly recoveryText: string;
};

function readRotation(bytes: Uint8Array): Rotation {
  const decoded = decodeCbor(bytes, cborLimits(2 * LIMITS.chainEntryBytesMax));
  const form: unknown = decoded.ok ? decoded.value : undefined;
  if (!Array.isArray(form)) throw new ClientError("store_damaged");
  const [entry, generation, key, wrappedKey, recoveryText]: readonly unknown[] = form;
  const isWhole = entry instanceof Uint8Array && key instanceof Uint8Array && wrappedKey instanceof Uint8Array;
  if (!isWhole || typeof generation !== "number" || typeof recoveryText !== "string") throw new ClientError("store_damaged");
  return { entry, masterKey: { generation, key }, wrappedKey, recoveryText };
}

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
  const { masterKey, wrappedKey, recoveryText } = readRotation(stored);
  const gone = sql("DELETE FROM settings WHERE key = ?", PENDING);
  if (!equalBytes(recoveryPublicKey(masterKey.key, engine.context).key, recoveryKey.key)) return store.write([gone]);
  await store.write([
    gone,
    ...engine.own.statements({ kind: "masterKey", generation: masterKey.generation, key: masterKey.key }),
    setting("wrapped_key", wrappedKey),
    setting("is_kept", 0),
    setting("recovery_text", recoveryText),
  ]);
}

type Rotating = { readonly account: Pick<Line, "ask">; readonly freshChain: () => Promise<ChainState> };

/** The new recovery key, to be shown once. */
export function rotateKeys(engine: Engine, rotating: Rotating): Promise<string> {
  return engine.serial.run(PENDING, () => rotate(engine, rotating));
}

async function rotate(engine: Engine, { account, freshChain }: Rotating): Promise<string> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const chain = await freshChain();
    await finish(engine, chain);
    const unseen = await takeRecoveryText(engine.ports.store);
    if (unseen !== "") return unseen;
    const { generation } = await latestMasterKey(engine.ports.store);
    const made = orThrow(rotateRecovery(chain, { signer: deviceSigner(engine.self), generation }, engine.context));
    const { entry, masterKey, wrappedKey } = made;
    const form = [entry, masterKey.generation, masterKey.key, wrappedKey, recoveryKeyToText(made.recoveryKey)];
    await engine.ports.store.write([setting(PENDING, encodeCbor(form))]);
    orThrow(await account.ask("account.chainAppend", { entry }));
  }
  throw new ClientError("link_changed");
}
