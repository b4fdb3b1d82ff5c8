/** What every decision gets beside its state and input. Core has no other access to the world. */
import type { CryptoProvider, Random } from "@sotto/mls";
import type { AccountId, ChainState } from "@sotto/protocol";

export type CoreContext = {
  readonly crypto: CryptoProvider;
  readonly random: Random;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly now: number;
};

export type KnownChain = {
  readonly chain: ChainState;
  /** Fetched for this decision: a device that it does not list does not exist. Otherwise such a device is a reason to fetch again. */
  readonly isFresh: boolean;
};

/** What this device knows of an account's identity chain; undefined if nothing. */
export type ChainLookup = (account: AccountId) => KnownChain | undefined;

export type GroupContext = CoreContext & { readonly chains: ChainLookup };
