/**
 * The authentication service of MLS (RFC 9420 §5.3.1), from identity chains (spec/groups.md §Authentication).
 *
 *   credential malformed, key not the one its device id is a hash of, or not the credential it replaces   reject
 *   chain unknown                                                                                         defer
 *   device in the chain                                                                                   accept
 *   device was in the chain                       accept from others, reject in what this device itself adds
 *   device never in the chain                     defer, or reject if the chain is fresh
 *
 * Why a removed device still passes in what others send: members learn of a removal at different times, and if their verdicts on one commit
 * differed the group would split. A removed device is taken out by a commit; `revokedMembers` (groups/members.ts) lists the candidates.
 */
import type { CredentialCheck, Verdict } from "@sotto/mls";
import { type AccountId, accountIdToText, idToText } from "@sotto/protocol";
import type { ChainLookup } from "../context.ts";
import { leafAddress, readCredential, sameAddress } from "./credential.ts";

export type Strictness = "own" | "received";

/** Accounts whose chains were asked for and are needed, by text form. */
export type NeededChains = Map<string, AccountId>;

export function authenticator(chains: ChainLookup, strictness: Strictness, needed: NeededChains): (request: CredentialCheck) => Verdict {
  return (request) => {
    const address = leafAddress(request);
    if (address === undefined || !keepsAddress(request)) return "reject";
    const known = chains(address.account);
    const device = idToText(address.device);
    if (known?.chain.devicesById.has(device) === true) return "accept";
    if (known?.chain.formerIds.has(device) === true) return strictness === "received" ? "accept" : "reject";
    if (known?.isFresh === true) return "reject";
    needed.set(accountIdToText(address.account), address.account);
    return "defer";
  };
}

/** A leaf that takes the place of another is the same device's. */
function keepsAddress({ credential, replaces }: CredentialCheck): boolean {
  if (replaces === undefined) return true;
  const [now, before] = [readCredential(credential), readCredential(replaces)];
  return now !== undefined && before !== undefined && sameAddress(now, before);
}
