/**
 * Making and checking identity chain entries (spec/identity.md §Chain). The protocol package has the bytes and the rules; here are the keys.
 *
 * A new device on another machine proves its key before the entry is signed: composeEntry gives the bytes, the new device answers with
 * signStatement, and finishEntry joins both signatures. With all keys at hand signEntry does it at once.
 */
import {
  type ChainChange,
  chainSignatureBytes,
  type ChainState,
  type ChainStatement,
  decodeChainStatement,
  type DeviceId,
  ED25519,
  encodeChainEntry,
  encodeChainStatement,
  equalBytes,
  extendChain,
  type AccountId,
  validateChain,
  type VerifySignature,
} from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { type CoreOutcome, failed } from "../outcome.ts";
import { messageSuite } from "../suite.ts";
import { type DeviceKeys, devicePublic } from "./device.ts";

/** Who signs an entry: a device of the account, or the recovery signer. */
export type ChainSigner = { readonly author: DeviceId | "recovery"; readonly privateKey: Uint8Array };

export function deviceSigner({ id, signatureKeys }: DeviceKeys): ChainSigner {
  return { author: id, privateKey: signatureKeys.privateKey };
}

/** What the protocol's rules call to check a signature. */
export function chainVerifier({ crypto }: Pick<CoreContext, "crypto">): VerifySignature {
  const suite = messageSuite(crypto);
  return ({ algorithm, key }, message, signature) => algorithm === ED25519 && suite.verify(key, message, signature);
}

/** Follows a chain that a server handed out. With `account`, that of another account is refused. */
export function verifyChain(
  entries: readonly Uint8Array[],
  context: Pick<CoreContext, "crypto">,
  account?: AccountId,
): CoreOutcome<ChainState> {
  return validateChain(entries, chainVerifier(context), account);
}

/** The chain with one more entry. */
export function appendToChain(chain: ChainState, entry: Uint8Array, context: Pick<CoreContext, "crypto">): CoreOutcome<ChainState> {
  return extendChain(chain, entry, chainVerifier(context));
}

/** The next entry's bytes, to be signed. */
export function composeEntry(
  chain: ChainState | undefined,
  entry: { readonly author: ChainSigner["author"]; readonly change: ChainChange },
  { now }: Pick<CoreContext, "now">,
): Uint8Array {
  return encodeChainStatement({ ...entry, index: chain?.length ?? 0, previous: chain?.head, claimedAt: now });
}

export function signStatement(signed: Uint8Array, privateKey: Uint8Array, { crypto }: Pick<CoreContext, "crypto">): Uint8Array {
  return messageSuite(crypto).sign(privateKey, chainSignatureBytes(signed));
}

/** The proof of a new device that it holds the key which an `add` or `reset` names; refused if the entry is not about this device. */
export function proveDevice(signed: Uint8Array, device: DeviceKeys, context: Pick<CoreContext, "crypto">): CoreOutcome<Uint8Array> {
  const statement = decodeChainStatement(signed);
  if (!statement.ok) return statement;
  if (!isAbout(statement.value, device)) return failed("chain_device_unknown");
  return { ok: true, value: signStatement(signed, device.signatureKeys.privateKey, context) };
}

function isAbout({ change }: ChainStatement, keys: DeviceKeys): boolean {
  if (change.kind !== "add" && change.kind !== "reset") return false;
  const { signatureKey, inboxKey } = devicePublic(keys);
  const { device } = change;
  return equalBytes(device.signatureKey.key, signatureKey.key) && equalBytes(device.inboxKey.key, inboxKey.key);
}

export type SignedEntry = { readonly entry: Uint8Array; readonly chain: ChainState };

/** The entry and the chain with it; fails with the code that every reader would give. */
export function finishEntry(
  chain: ChainState | undefined,
  by: { readonly signed: Uint8Array; readonly privateKey: Uint8Array; readonly proof: Uint8Array | undefined },
  context: Pick<CoreContext, "crypto">,
): CoreOutcome<SignedEntry> {
  const signature = signStatement(by.signed, by.privateKey, context);
  const entry = encodeChainEntry(by.signed, { signature, proof: by.proof });
  const extended = extendChain(chain, entry, chainVerifier(context));
  return extended.ok ? { ok: true, value: { entry, chain: extended.value } } : extended;
}

/** Composes, proves and signs; `newcomer` holds the keys of the device that the change brings in. */
export function signEntry(
  chain: ChainState | undefined,
  by: { readonly signer: ChainSigner; readonly change: ChainChange; readonly newcomer?: DeviceKeys },
  context: CoreContext,
): CoreOutcome<SignedEntry> {
  const signed = composeEntry(chain, { author: by.signer.author, change: by.change }, context);
  const proof = by.newcomer && signStatement(signed, by.newcomer.signatureKeys.privateKey, context);
  return finishEntry(chain, { signed, privateKey: by.signer.privateKey, proof }, context);
}
