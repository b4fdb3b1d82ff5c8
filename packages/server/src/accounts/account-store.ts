/**
 * The port to whatever keeps accounts: identity chains, usernames, key packages, who may write to an inbox, invitations. Every promise of a
 * change resolves after it is durable. The caller has validated chain entries; the store compares lengths.
 */
import type { AccountId, DeviceId, Outcome, Username } from "@sotto/protocol";

export type InboxAccess = {
  readonly contact: Uint8Array | null;
  readonly gate: Uint8Array | null;
  readonly strangers: boolean;
};

export type ClaimedPackage = {
  readonly device: DeviceId;
  readonly keyPackage: Uint8Array | null;
  readonly isLastResort: boolean;
  /** Single-use ones that are left. */
  readonly left: number;
};

export type DevicePlace = { readonly account: AccountId; readonly device: DeviceId };

export type NewAccount = {
  readonly account: AccountId;
  readonly genesis: Uint8Array;
  readonly username: Username | null;
  /** Hash of an invitation code to use up. */
  readonly invite: Uint8Array | undefined;
};

export type ChainAppend = {
  readonly account: AccountId;
  readonly entry: Uint8Array;
  /** The length before it. */
  readonly index: number;
  /** Devices that are gone: their key packages and inboxes go too. */
  readonly removed: readonly DeviceId[];
};

export type TokenGrant = { readonly account: AccountId; readonly count: number; readonly day: number; readonly perDay: number };

export interface AccountStore {
  /** `account_exists`, `username_taken`, `invite_invalid`; then nothing is changed. */
  register(account: NewAccount): Promise<Outcome<null>>;
  chain(account: AccountId, range: { readonly from: number; readonly count: number }): Promise<ChainPart | undefined>;
  appendChain(append: ChainAppend): Promise<"appended" | "conflict">;
  setUsername(account: AccountId, username: Username | null): Promise<Outcome<null>>;
  /** What a device that comes with an unlocker needs; opaque. Undefined before anything was kept. */
  kept(account: AccountId): Promise<Uint8Array | undefined>;
  keep(account: AccountId, bytes: Uint8Array): Promise<void>;
  lookUp(username: Username): Promise<{ readonly account: AccountId; readonly gated: boolean } | undefined>;
  /** Null without a username, undefined without an account. */
  nameOf(account: AccountId): Promise<Username | null | undefined>;
  access(account: AccountId): Promise<InboxAccess | undefined>;
  setAccess(account: AccountId, access: InboxAccess): Promise<void>;
  /** How many single-use ones are kept then; undefined if they would be too many. */
  addKeyPackages(place: DevicePlace, added: AddedPackages): Promise<number | undefined>;
  claimKeyPackages(account: AccountId, devices: readonly DeviceId[]): Promise<readonly ClaimedPackage[]>;
  countKeyPackages(place: DevicePlace): Promise<{ readonly single: number; readonly hasLastResort: boolean }>;
  /** Counts anonymous tokens against the day's number. Whether they are granted. */
  grantTokens(grant: TokenGrant): Promise<boolean>;
  tokensUsed(account: AccountId, day: number): Promise<number>;
  close(): Promise<void>;
}

export type AddedPackages = {
  readonly packages: readonly Uint8Array[];
  readonly lastResort: Uint8Array | null;
  /** Instead of the single-use ones that were kept. */
  readonly replacesAll: boolean;
};

export type ChainPart = { readonly entries: readonly Uint8Array[]; readonly length: number };
