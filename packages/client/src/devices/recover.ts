/**
 * Signing in with the recovery key (spec/identity.md §Adding a device): it opens the master key that the server keeps, and with the recovery signer
 * this device adds itself to the chain. Run again after a crash it finds itself in the chain.
 */
import { addDevice, type DeviceKeys, type MasterKey, parseRecoveryKey, recoveryChainSigner, unwrapMasterKey } from "@sotto/core";
import { type AccountId, idToText, type Kept, parseAddress } from "@sotto/protocol";
import type { NewProfile } from "../account/profile.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { withLine } from "../net/with-line.ts";
import { arrive, type Chain, fetchChain, pendingDevice } from "./arrival.ts";

const ROUNDS_MAX = 3;

export type Recovering = { readonly username: string; readonly recoveryKey: string };

export async function recoverAccount(engine: Engine, { username: typed, recoveryKey }: Recovering): Promise<NewProfile> {
  const secret = orThrow(parseRecoveryKey(recoveryKey));
  const { username } = orThrow(parseAddress(typed));
  const keys = await pendingDevice(engine);
  return withLine(engine.ports, "anonymous", async (directory) => {
    const { account } = orThrow(await directory.ask("directory.lookup", { username }));
    return withLine(engine.ports, "account", async (line) => {
      const kept = orThrow(await line.ask("account.kept", { account }));
      const masterKey = unlock(engine, { account, kept, secret });
      const chain = await enterChain(engine, { line, directory, account, keys, masterKey });
      return arrive(engine, { keys, chain, masterKey, kept });
    });
  });
}

function unlock(engine: Engine, by: { readonly account: AccountId; readonly kept: Kept; readonly secret: Uint8Array }): MasterKey {
  const { account, kept, secret } = by;
  if (kept.wrappedKeys.length === 0) throw new ClientError("recovery_not_kept");
  for (const wrapped of kept.wrappedKeys) {
    const opened = unwrapMasterKey(wrapped, { account, unlocker: "recoveryKey", secret }, engine.context);
    if (opened.ok) return opened.value;
  }
  throw new ClientError("unlock_failed");
}

type Entering = {
  readonly line: Line;
  readonly directory: Line;
  readonly account: AccountId;
  readonly keys: DeviceKeys;
  readonly masterKey: MasterKey;
};

async function enterChain(engine: Engine, { line, directory, account, keys, masterKey }: Entering): Promise<Chain> {
  const signer = recoveryChainSigner(masterKey.key, engine.context);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const chain = await fetchChain(engine, directory, account);
    if (chain.state.devicesById.has(idToText(keys.id))) return chain;
    const { entry } = orThrow(addDevice(chain.state, { signer, newcomer: keys }, engine.context));
    orThrow(await line.ask("account.recover", { account, entry }));
  }
  return fetchChain(engine, directory, account);
}
