/**
 * What every operation gets beside its state and input: the crypto provider, randomness, the time, and the caller's policy.
 * The engine has no other access to the world.
 */
import type { CipherSuite, CryptoProvider, Random } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { check, type CredentialCheck, need, Reject } from "../outcome.ts";
import type { RatchetWindow } from "../schedule/ratchet.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { PskId } from "../structs/psk.ts";

export type Verdict = "accept" | "reject" | "defer";

export type Policy = {
  /** Decides on a credential (RFC 9420 §5.3.1). `defer` makes the operation fail with `credential_deferred` and the list of open checks. */
  readonly authenticate: (request: CredentialCheck) => Verdict;
  /** Secret of an external PSK, or of a resumption PSK of another group. Own epochs are found without it. */
  readonly psk: (id: PskId) => Uint8Array | undefined;
  /** Says no to a proposal that the RFC would allow; for custom proposals, roles and the like. */
  readonly allowProposal: (proposal: Proposal) => boolean;
  /** Padding hook: how many zero bytes to append to `length` bytes of content in a PrivateMessage. */
  readonly paddingBytes: (length: number) => number;
  /** Past epochs whose application messages can still be opened. */
  readonly pastEpochs: number;
  /** Past epochs whose resumption PSK is kept. */
  readonly resumptionEpochs: number;
  /** Generations that a message may skip. */
  readonly forwardGenerations: number;
  /** Keys kept for skipped messages, per sender and ratchet. */
  readonly skippedKeys: number;
  /**
   * Also check lifetimes of leaf nodes that others add (§7.3 RECOMMENDED). Off by default: members whose clocks differ would
   * disagree about a commit, and the group would split. What this client itself adds is always checked.
   */
  readonly checkReceivedLifetimes: boolean;
  /** Longest time that a leaf from a key package may be valid in all (§7.2). All members must agree on it. Default: no bound. */
  readonly lifetimeSecondsMax: number;
};

export type MlsContext = {
  readonly crypto: CryptoProvider;
  readonly random: Random;
  /** Seconds since 1970-01-01 UTC. */
  readonly now: number;
  readonly policy?: Partial<Policy>;
};

const defaults: Policy = {
  authenticate: () => "accept",
  psk: () => undefined,
  allowProposal: () => true,
  paddingBytes: () => 0,
  pastEpochs: 2,
  resumptionEpochs: 16,
  forwardGenerations: 1_000,
  skippedKeys: 64,
  checkReceivedLifetimes: false,
  lifetimeSecondsMax: Number.POSITIVE_INFINITY,
};

/** The caller's policy, completed and held to the limits of this implementation. */
export function policyOf(context: MlsContext): Policy {
  const policy = { ...defaults, ...context.policy };
  return {
    ...policy,
    pastEpochs: Math.min(policy.pastEpochs, LIMITS.pastEpochsMax),
    resumptionEpochs: Math.min(policy.resumptionEpochs, LIMITS.resumptionEpochsMax),
    forwardGenerations: Math.min(policy.forwardGenerations, LIMITS.forwardGenerationsMax),
    skippedKeys: Math.min(policy.skippedKeys, LIMITS.skippedKeysMax),
  };
}

export function windowOf(context: MlsContext): RatchetWindow {
  const policy = context.policy;
  return {
    forwardGenerations: Math.min(policy?.forwardGenerations ?? defaults.forwardGenerations, LIMITS.forwardGenerationsMax),
    skippedKeys: Math.min(policy?.skippedKeys ?? defaults.skippedKeys, LIMITS.skippedKeysMax),
  };
}

export function suiteOf(context: MlsContext, suiteId: number): CipherSuite {
  return need(context.crypto.suite(suiteId), "unsupported_suite");
}

/** Puts credential checks to the caller and fails once for all that are refused or open. Throws Reject. */
export function authenticateAll(context: MlsContext, requests: readonly CredentialCheck[]): void {
  const authenticate = context.policy?.authenticate ?? defaults.authenticate;
  const deferred: CredentialCheck[] = [];
  for (const request of requests) {
    const verdict = authenticate(request);
    check(verdict !== "reject", "credential_rejected");
    if (verdict === "defer") deferred.push(request);
  }
  if (deferred.length > 0) throw new Reject("credential_deferred", deferred);
}
