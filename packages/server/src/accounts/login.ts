/** Login by signature (spec/identity.md §Login). A nonce is good for one attempt and for a minute. */
import { type AccountId, type DeviceId, type ErrorCode, loginBytes, type PublicKey } from "@sotto/protocol";
import type { Peer } from "../connection/peer.ts";
import { verifySignature } from "./signatures.ts";

export type LoginAttempt = {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly key: PublicKey;
  readonly signature: Uint8Array;
};

export type LoginRules = { readonly origins: () => readonly string[]; readonly nonceMs: number; readonly now: () => number };

/** Undefined if the login is right. Uses up the connection's nonce. */
export function checkLogin(peer: Peer, attempt: LoginAttempt, rules: LoginRules): ErrorCode | undefined {
  const { nonce } = peer;
  peer.nonce = undefined;
  if (nonce === undefined || rules.now() - peer.connectedAt > rules.nonceMs) return "login_expired";
  const { account, device, key, signature } = attempt;
  const isRight = rules.origins().some((origin) => verifySignature(key, loginBytes({ origin, nonce, account, device }), signature));
  return isRight ? undefined : "login_failed";
}
