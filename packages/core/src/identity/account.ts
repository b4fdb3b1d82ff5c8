/**
 * The life of an account (spec/identity.md §Account): made with its first device and recovery key, then devices come and go.
 */
import type { AccountId, ChainState, DeviceId } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { type CoreOutcome, done } from "../outcome.ts";
import { type ChainSigner, deviceSigner, signEntry, type SignedEntry } from "./chain-signing.ts";
import { createDeviceKeys, type DeviceKeys, devicePublic, type OwnDevice } from "./device.ts";
import { createMasterKey, recoveryPublicKey, recoverySigner } from "./master-key.ts";
import { createRecoveryKey } from "./recovery-key.ts";
import { type MasterKey, wrapMasterKey } from "./wrapped-key.ts";

export type NewAccount = {
  readonly account: AccountId;
  readonly device: OwnDevice;
  readonly genesis: Uint8Array;
  readonly chain: ChainState;
  readonly masterKey: MasterKey;
  /** To be shown once, and then forgotten. */
  readonly recoveryKey: Uint8Array;
  /** The master key as the recovery key opens it; goes to the server. */
  readonly wrappedKey: Uint8Array;
};

export function createAccount(context: CoreContext): CoreOutcome<NewAccount> {
  const keys = createDeviceKeys(context);
  const masterKey: MasterKey = { key: createMasterKey(context.random), generation: 1 };
  const change = { kind: "genesis" as const, device: devicePublic(keys), recoveryKey: recoveryPublicKey(masterKey.key, context) };
  const made = signEntry(undefined, { signer: deviceSigner(keys), change }, context);
  if (!made.ok) return made;
  const { entry: genesis, chain } = made.value;
  const { account } = chain;
  const recoveryKey = createRecoveryKey(context.random);
  const wrapped = wrapMasterKey(masterKey, { account, unlocker: "recoveryKey", secret: recoveryKey }, context);
  if (!wrapped.ok) return wrapped;
  return done({ account, device: { ...keys, account }, genesis, chain, masterKey, recoveryKey, wrappedKey: wrapped.value });
}

/** The recovery signer of a master key, as the author of an entry. */
export function recoveryChainSigner(masterKey: Uint8Array, context: CoreContext): ChainSigner {
  return { author: "recovery", privateKey: recoverySigner(masterKey, context).privateKey };
}

/** Both sides at hand: with the recovery signer on a new device, or in tests. Across machines see chain-signing.ts. */
export function addDevice(
  chain: ChainState,
  by: { readonly signer: ChainSigner; readonly newcomer: DeviceKeys },
  context: CoreContext,
): CoreOutcome<SignedEntry> {
  return signEntry(chain, { ...by, change: { kind: "add", device: devicePublic(by.newcomer) } }, context);
}

export function revokeDevice(
  chain: ChainState,
  by: { readonly signer: ChainSigner; readonly deviceId: DeviceId },
  context: CoreContext,
): CoreOutcome<SignedEntry> {
  return signEntry(chain, { signer: by.signer, change: { kind: "revoke", deviceId: by.deviceId } }, context);
}

export type RotatedRecovery = SignedEntry & {
  readonly masterKey: MasterKey;
  readonly recoveryKey: Uint8Array;
  readonly wrappedKey: Uint8Array;
};

type Renewed = Omit<RotatedRecovery, keyof SignedEntry>;

/** A master key of the next generation with a recovery key of its own. */
function renewKeys(account: AccountId, generation: number, context: CoreContext): CoreOutcome<Renewed> {
  const masterKey: MasterKey = { key: createMasterKey(context.random), generation };
  const recoveryKey = createRecoveryKey(context.random);
  const wrapped = wrapMasterKey(masterKey, { account, unlocker: "recoveryKey", secret: recoveryKey }, context);
  return wrapped.ok ? done({ masterKey, recoveryKey, wrappedKey: wrapped.value }) : wrapped;
}

/** A new master key, recovery signer and recovery key. What the old master key opens stays readable with it: keep both. */
export function rotateRecovery(
  chain: ChainState,
  by: { readonly signer: ChainSigner; readonly generation: number },
  context: CoreContext,
): CoreOutcome<RotatedRecovery> {
  const renewed = renewKeys(chain.account, by.generation + 1, context);
  if (!renewed.ok) return renewed;
  const change = { kind: "rotateRecovery" as const, recoveryKey: recoveryPublicKey(renewed.value.masterKey.key, context) };
  const made = signEntry(chain, { signer: by.signer, change }, context);
  return made.ok ? done({ ...made.value, ...renewed.value }) : made;
}

/** Everything but the recovery key is lost: the account goes on with this one device and new keys. */
export function resetAccount(
  chain: ChainState,
  by: { readonly masterKey: MasterKey; readonly newcomer: DeviceKeys },
  context: CoreContext,
): CoreOutcome<RotatedRecovery> {
  const renewed = renewKeys(chain.account, by.masterKey.generation + 1, context);
  if (!renewed.ok) return renewed;
  const recoveryKey = recoveryPublicKey(renewed.value.masterKey.key, context);
  const change = { kind: "reset" as const, device: devicePublic(by.newcomer), recoveryKey };
  const signer = recoveryChainSigner(by.masterKey.key, context);
  const made = signEntry(chain, { signer, newcomer: by.newcomer, change }, context);
  return made.ok ? done({ ...made.value, ...renewed.value }) : made;
}
