/**
 * The rules of an identity chain (spec/identity.md §Rules), as a pure function from state and entry to state. Whoever follows them needs no
 * trust in the server that handed the chain over: it can leave entries out at the end, and nothing else.
 *
 *   genesis   first and only first; signed by its device
 *   add       by a device of the account or the recovery key; the new device proves its key; an id never comes back
 *   revoke    by a device of the account (itself too) or the recovery key; never the last device
 *   rotate    by a device of the account or the recovery key
 *   reset     by the recovery key; the account then has the one new device
 *
 * The proof of a new device is required in genesis (there the signature itself is it, and the proof is empty), add and reset.
 */
import { equalBytes } from "../bytes.ts";
import type { AccountId, DeviceId } from "../ids.ts";
import { idToText } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Failure, type Outcome, success } from "../outcome.ts";
import { accountIdOf, type ChainEntry, chainEntryHash, chainSignatureBytes, decodeChainEntry } from "./chain-entry.ts";
import { type Device, deviceIdOf, type PublicKey } from "./public-key.ts";

/** Checks a signature. The caller brings the primitive; an algorithm that it does not have is false. */
export type VerifySignature = (publicKey: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean;

export type ChainDevice = { readonly id: DeviceId; readonly device: Device; readonly addedAtIndex: number; readonly claimedAt: number };

export type ChainState = {
  readonly account: AccountId;
  readonly length: number;
  /** Hash of the last entry. */
  readonly head: Uint8Array;
  /** The current devices, by the text form of their id. */
  readonly devicesById: ReadonlyMap<string, ChainDevice>;
  /** Every device that was removed, so that its id cannot come back. */
  readonly formerIds: ReadonlySet<string>;
  readonly recoveryKey: PublicKey;
};

/** Follows a whole chain. With `account`, a chain of another account is refused. */
export function validateChain(entries: readonly Uint8Array[], verify: VerifySignature, account?: AccountId): Outcome<ChainState> {
  let state: ChainState | undefined;
  for (const bytes of entries) {
    const next = extendChain(state, bytes, verify);
    if (!next.ok) return next;
    state = next.value;
    if (account !== undefined && !equalBytes(state.account, account)) return failure("chain_account");
  }
  return state === undefined ? failure("chain_empty") : success(state);
}

/** The state after one more entry; `undefined` is the state before genesis. */
export function extendChain(state: ChainState | undefined, bytes: Uint8Array, verify: VerifySignature): Outcome<ChainState> {
  const decoded = decodeChainEntry(bytes);
  if (!decoded.ok) return decoded;
  const entry = decoded.value;
  const { change, index } = entry.statement;
  if (state === undefined) return change.kind === "genesis" ? begin(entry, bytes, verify) : failure("chain_kind");
  if (change.kind === "genesis") return failure("chain_kind");
  if (state.length >= LIMITS.chainEntriesMax) return failure("chain_too_long");
  if (index !== state.length) return failure("chain_index");
  const { previous } = entry.statement;
  if (previous === undefined || !equalBytes(previous, state.head)) return failure("chain_previous");
  return checkAuthor(state, entry, verify) ?? checkProof(entry, verify) ?? applied(state, entry, bytes);
}

function begin(entry: ChainEntry, bytes: Uint8Array, verify: VerifySignature): Outcome<ChainState> {
  const { change, author, claimedAt } = entry.statement;
  if (change.kind !== "genesis") return failure("chain_kind");
  const { signatureKey } = change.device;
  const id = deviceIdOf(signatureKey);
  if (author === "recovery" || !equalBytes(author, id)) return failure("chain_author");
  if (entry.proof !== undefined) return failure("chain_kind");
  if (!verify(signatureKey, chainSignatureBytes(entry.signed), entry.signature)) return failure("chain_signature");
  return success({
    account: accountIdOf(bytes),
    length: 1,
    head: chainEntryHash(bytes),
    devicesById: new Map([[idToText(id), { id, device: change.device, addedAtIndex: 0, claimedAt }]]),
    formerIds: new Set<string>(),
    recoveryKey: change.recoveryKey,
  });
}

function checkAuthor(state: ChainState, entry: ChainEntry, verify: VerifySignature): Failure | undefined {
  const { author, change } = entry.statement;
  if (change.kind === "reset" && author !== "recovery") return failure("chain_author");
  const key = author === "recovery" ? state.recoveryKey : state.devicesById.get(idToText(author))?.device.signatureKey;
  if (key === undefined) return failure("chain_author");
  return verify(key, chainSignatureBytes(entry.signed), entry.signature) ? undefined : failure("chain_signature");
}

function checkProof(entry: ChainEntry, verify: VerifySignature): Failure | undefined {
  const { change } = entry.statement;
  if (change.kind !== "add" && change.kind !== "reset") return entry.proof === undefined ? undefined : failure("chain_kind");
  if (entry.proof === undefined) return failure("chain_signature");
  const proven = verify(change.device.signatureKey, chainSignatureBytes(entry.signed), entry.proof);
  return proven ? undefined : failure("chain_signature");
}

function applied(state: ChainState, entry: ChainEntry, bytes: Uint8Array): Outcome<ChainState> {
  const { change, index, claimedAt } = entry.statement;
  const base = { ...state, length: state.length + 1, head: chainEntryHash(bytes) };
  switch (change.kind) {
    case "add":
    case "reset": {
      const id = deviceIdOf(change.device.signatureKey);
      const text = idToText(id);
      if (state.devicesById.has(text) || state.formerIds.has(text)) return failure("chain_device_exists");
      const added: ChainDevice = { id, device: change.device, addedAtIndex: index, claimedAt };
      if (change.kind === "reset") {
        const formerIds = new Set([...state.formerIds, ...state.devicesById.keys()]);
        return success({ ...base, devicesById: new Map([[text, added]]), formerIds, recoveryKey: change.recoveryKey });
      }
      if (state.devicesById.size >= LIMITS.devicesPerAccountMax) return failure("chain_device_limit");
      return success({ ...base, devicesById: new Map([...state.devicesById, [text, added]]) });
    }
    case "revoke": {
      const text = idToText(change.deviceId);
      if (!state.devicesById.has(text)) return failure("chain_device_unknown");
      if (state.devicesById.size === 1) return failure("chain_last_device");
      const devicesById = new Map([...state.devicesById].filter(([other]) => other !== text));
      return success({ ...base, devicesById, formerIds: new Set([...state.formerIds, text]) });
    }
    case "rotateRecovery":
      return success({ ...base, recoveryKey: change.recoveryKey });
    case "genesis":
      return failure("chain_kind");
  }
}
