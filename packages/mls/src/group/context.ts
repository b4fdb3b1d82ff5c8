/**
 * What every operation gets beside its state and input: the crypto provider, randomness, the time, and the caller's policy.
 * The engine has no other access to the world. The policy is the application's part of the RFC: who a credential stands for
 * (RFC 9420 §5.3.1), and what more it asks of a change (§16.11).
 */
import { equalBytes } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import type { CipherSuite, CryptoProvider, Random } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { check, type CredentialCheck, need, Reject } from "../outcome.ts";
import type { RatchetWindow } from "../schedule/ratchet.ts";
import { type Credential, writeCredential } from "../structs/credential.ts";
import type { Proposal } from "../structs/proposal.ts";
import type { PskId } from "../structs/psk.ts";
import type { Sender } from "../structs/sender.ts";

export type Verdict = "accept" | "reject" | "defer";

/** Where a proposal comes from, for the application's own rules. */
export type ProposalOrigin = {
  readonly sender: Sender;
  /** In a commit: the committer's leaf index, or "joiner" for an external commit. Absent while it is only proposed. */
  readonly committer: number | "joiner" | undefined;
  readonly byReference: boolean;
};

export type Policy = {
  /**
   * Decides on a credential (RFC 9420 §5.3.1). Anything but "accept" refuses; "defer" makes the operation fail with
   * `credential_deferred` and the list of open checks. Without it every credential is refused.
   */
  readonly authenticate: (request: CredentialCheck) => Verdict;
  /** Whether two credentials stand for the same client, where a group resumes another one (§11.2, §11.3). Default: equal bytes. */
  readonly sameClient: (a: Credential, b: Credential) => boolean;
  /** Whether this client is in a group of that id now: it does not join a second one (§12.4.3). Default: it is in none. */
  readonly isInGroup: (groupId: Uint8Array) => boolean;
  /** Secret of an external PSK, or of a resumption PSK of another group. Own epochs are found without it. */
  readonly psk: (id: PskId) => Uint8Array | undefined;
  /** Says no to a proposal that the RFC would allow; for custom proposals, roles and the like. */
  readonly allowProposal: (proposal: Proposal, origin: ProposalOrigin) => boolean;
  /** Custom proposal types that external senders may propose (§12.1.8). Default: none. */
  readonly externalProposalTypes: readonly number[];
  /** Custom proposal types that a commit may carry without an update path (§17.4 "Path Required: N"). Default: none. */
  readonly pathlessProposalTypes: readonly number[];
  /**
   * Send application messages though proposals of others wait for a commit. §12.4 forbids it, and so does the default: their
   * senders would go on to be treated as if they had proposed nothing.
   */
  readonly sendBesideProposals: boolean;
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
  /**
   * Longest time that a leaf from a key package may be valid in all, in seconds. §7.2 has every application define one, and all
   * members must agree on it, so no number is right for all: without it there is no bound.
   */
  readonly lifetimeSecondsMax: number;
};

export type MlsContext = {
  readonly crypto: CryptoProvider;
  readonly random: Random;
  /** Seconds since 1970-01-01 UTC. */
  readonly now: number;
  readonly policy?: Partial<Policy>;
};

function isSameCredential(a: Credential, b: Credential): boolean {
  return equalBytes(encode(writeCredential, a), encode(writeCredential, b));
}

const defaults: Policy = {
  authenticate: () => "reject",
  sameClient: isSameCredential,
  isInGroup: () => false,
  psk: () => undefined,
  allowProposal: () => true,
  externalProposalTypes: [],
  pathlessProposalTypes: [],
  sendBesideProposals: false,
  paddingBytes: () => 0,
  pastEpochs: 2,
  resumptionEpochs: 16,
  forwardGenerations: 1_000,
  skippedKeys: 64,
  checkReceivedLifetimes: false,
  lifetimeSecondsMax: Number.POSITIVE_INFINITY,
};

/** A count from the caller's policy: a whole number from 0 to `max`, the default where it is absent. */
function count(given: number | undefined, standard: number, max: number): number {
  const value = given ?? standard;
  check(Number.isInteger(value) && value >= 0, "usage");
  return Math.min(value, max);
}

export function windowOf({ policy }: MlsContext): RatchetWindow {
  return {
    forwardGenerations: count(policy?.forwardGenerations, defaults.forwardGenerations, LIMITS.forwardGenerationsMax),
    skippedKeys: count(policy?.skippedKeys, defaults.skippedKeys, LIMITS.skippedKeysMax),
  };
}

/** The caller's policy, completed and held to the limits of this implementation. */
export function policyOf(context: MlsContext): Policy {
  const given = Object.fromEntries(Object.entries(context.policy ?? {}).filter(([, value]) => value !== undefined));
  const policy: Policy = { ...defaults, ...given };
  return {
    ...policy,
    ...windowOf(context),
    pastEpochs: count(policy.pastEpochs, defaults.pastEpochs, LIMITS.pastEpochsMax),
    resumptionEpochs: count(policy.resumptionEpochs, defaults.resumptionEpochs, LIMITS.resumptionEpochsMax),
  };
}

/** The policy of a program that has no identities: accepts every credential. For tests, tools and lessons. */
export function acceptAnyCredential(): Verdict {
  return "accept";
}

/** `now` as whole seconds. Throws Reject when it is not a time. */
export function secondsNow(context: Pick<MlsContext, "now">): bigint {
  check(Number.isFinite(context.now) && context.now >= 0, "usage");
  return BigInt(Math.floor(context.now));
}

/** Asks the application about each proposal of a list. Throws Reject. */
export function allowAll(
  context: MlsContext,
  list: readonly { readonly proposal: Proposal; readonly sender: Sender; readonly reference: Uint8Array | undefined }[],
  committer: ProposalOrigin["committer"],
): void {
  const allow = context.policy?.allowProposal ?? defaults.allowProposal;
  for (const { proposal, sender, reference } of list) {
    check(allow(proposal, { sender, committer, byReference: reference !== undefined }), "invalid_proposal");
  }
}

export function suiteOf(context: Pick<MlsContext, "crypto">, suiteId: number): CipherSuite {
  return need(context.crypto.suite(suiteId), "unsupported_suite");
}

/** Puts credential checks to the caller and fails once for all that are refused or open. Throws Reject. */
export function authenticateAll(context: MlsContext, requests: readonly CredentialCheck[]): void {
  const authenticate = context.policy?.authenticate ?? defaults.authenticate;
  const deferred: CredentialCheck[] = [];
  for (const request of requests) {
    const verdict: unknown = authenticate(request);
    if (verdict === "defer") deferred.push(request);
    else check(verdict === "accept", "credential_rejected");
  }
  if (deferred.length > 0) throw new Reject("credential_deferred", deferred);
}
