/** The operations on one's own account (spec/identity.md §Operations), on the account connection. */
import {
  accountIdOf,
  type AccountId,
  type ChainState,
  decodeChainEntry,
  decodeForm,
  deviceIdOf,
  encodeForm,
  equalBytes,
  extendChain,
  failure,
  idToText,
  keptForm,
  LIMITS,
  type Outcome,
  success,
} from "@sotto/protocol";
import { inviteHash } from "../admin/invite.ts";
import type { Answer, HandlersOf, NamesWith } from "../connection/handlers.ts";
import type { Peer, Session } from "../connection/peer.ts";
import { ServerError } from "../server-error.ts";
import type { Settings } from "../options.ts";
import type { TokenKeys } from "../tokens/token-keys.ts";
import type { AccountStore } from "./account-store.ts";
import { chainPartFor } from "./chain-part.ts";
import type { Identities } from "./identities.ts";
import type { InboxStore } from "./inbox-store.ts";
import { checkLogin, type LoginRules } from "./login.ts";
import type { Presence } from "./presence.ts";
import { verifySignature } from "./signatures.ts";

export type AccountServices = {
  readonly accounts: AccountStore;
  readonly inboxes: InboxStore;
  readonly identities: Identities;
  readonly presence: Presence;
  readonly tokens: TokenKeys;
  readonly settings: Settings;
  readonly loginRules: LoginRules;
};

type Names = NamesWith<"account"> | "keyPackages.upload" | NamesWith<"tokens">;
const DAY_MS = 86_400_000;

/** The dispatcher lets nobody through to these without a login. */
export function sessionOf(peer: Peer): Session {
  if (peer.session === undefined) throw new ServerError("login_required");
  return peer.session;
}

export function createAccountHandlers(services: AccountServices): HandlersOf<Names> {
  return { ...createDoor(services), ...createChainHandlers(services), ...createSupplies(services) };
}

function createDoor({
  accounts,
  identities,
  presence,
  settings,
  loginRules,
}: AccountServices): HandlersOf<"account.register" | "account.login"> {
  return {
    "account.register": async ({ genesis, signature, username, invite }, peer) => {
      if (peer.session !== undefined) return failure("already_logged_in");
      if (settings.inviteRequired && invite === "") return failure("invite_required");
      const state = extendChain(undefined, genesis, verifySignature);
      if (!state.ok) return known(state, REGISTER_CODES, "chain_kind");
      const [first] = state.value.devicesById.values();
      if (first === undefined) return failure("chain_kind");
      const account = accountIdOf(genesis);
      const key = first.device.signatureKey;
      const problem = checkLogin(peer, { account, device: deviceIdOf(key), key, signature }, loginRules);
      if (problem !== undefined) return failure(problem);
      const code = settings.inviteRequired ? inviteHash(invite) : undefined;
      const registered = await accounts.register({ account, genesis, username, invite: code });
      if (!registered.ok) return registered;
      presence.enter(peer, { account, device: first.id });
      return success({ account });
    },
    "account.login": async ({ account, device, signature }, peer) => {
      if (peer.session !== undefined) return failure("already_logged_in");
      const state = await identities.stateOf(account);
      if (state === undefined) return failure("account_unknown");
      const found = state.devicesById.get(idToText(device));
      if (found === undefined) return failure(state.formerIds.has(idToText(device)) ? "device_revoked" : "device_unknown");
      const problem = checkLogin(peer, { account, device, key: found.device.signatureKey, signature }, loginRules);
      if (problem !== undefined) return failure(problem);
      presence.enter(peer, { account, device });
      return success({ chainLength: state.length });
    },
  };
}

const REGISTER_CODES = ["chain_kind", "chain_index", "chain_previous", "chain_author", "chain_signature"];

/** A failure as it is, if the operation may answer it or it tells of a broken form; else the given code. */
function known<T>(failed: Outcome<T> & { readonly ok: false }, codes: readonly string[], otherwise: "chain_kind"): typeof failed {
  return codes.includes(failed.code) || !failed.code.startsWith("chain_") ? failed : failure(otherwise);
}

type ChainNames = "account.chain" | "account.chainAppend" | "account.recover" | "account.keep" | "account.kept" | "account.setUsername";

function createChainHandlers({ accounts, identities, presence }: AccountServices): HandlersOf<ChainNames> {
  const extend = async (state: ChainState, entry: Uint8Array): Promise<Answer<"account.chainAppend">> => {
    const part = await accounts.chain(state.account, { from: state.length - 1, count: 1 });
    const [last] = part?.entries ?? [];
    if (last !== undefined && equalBytes(last, entry)) return success({ outcome: "duplicate", length: state.length });
    const appended = await identities.append(state, entry);
    if (!appended.ok) {
      const isBehind = appended.code === "chain_index" || appended.code === "chain_previous";
      return isBehind ? success({ outcome: "conflict", length: state.length }) : appended;
    }
    if (appended.value === "conflict") return success({ outcome: "conflict", length: state.length + 1 });
    const { length, devicesById } = appended.value;
    presence.chainChanged(state.account, { length, isIn: (device) => devicesById.has(idToText(device)) });
    return success({ outcome: "appended", length });
  };
  const stateOf = async (account: AccountId): Promise<ChainState> => {
    const state = await identities.stateOf(account);
    if (state === undefined) throw new ServerError("store_damaged");
    return state;
  };
  return {
    "account.chain": async ({ from }, peer) => {
      const part = await chainPartFor(peer, accounts, { account: sessionOf(peer).account, from });
      if (part === undefined) throw new ServerError("store_damaged");
      return success(part);
    },
    "account.chainAppend": async ({ entry }, peer) => extend(await stateOf(sessionOf(peer).account), entry),
    "account.recover": async ({ account, entry }) => {
      const state = await identities.stateOf(account);
      if (state === undefined) return failure("account_unknown");
      const decoded = decodeChainEntry(entry);
      if (!decoded.ok) return decoded;
      return decoded.value.statement.author === "recovery" ? extend(state, entry) : failure("chain_author");
    },
    "account.keep": async (request, peer) => {
      await accounts.keep(sessionOf(peer).account, encodeForm(keptForm, request));
      return success({});
    },
    "account.kept": async ({ account }) => {
      const bytes = await accounts.kept(account);
      return bytes === undefined ? success({ wrappedKeys: [], card: new Uint8Array(0) }) : decodeForm(keptForm, bytes, LIMITS.keptBytesMax);
    },
    "account.setUsername": async ({ username }, peer) => {
      const set = await accounts.setUsername(sessionOf(peer).account, username);
      return set.ok ? success({}) : set;
    },
  };
}

function createSupplies({
  accounts,
  inboxes,
  tokens,
  settings,
}: AccountServices): HandlersOf<"account.quotas" | "keyPackages.upload" | NamesWith<"tokens">> {
  const { tokensPerDay, now } = settings;
  const today = (): number => Math.floor(now() / DAY_MS);
  return {
    "account.quotas": async (_request, peer) => {
      const place = sessionOf(peer);
      const { single, hasLastResort } = await accounts.countKeyPackages(place);
      const { items } = await inboxes.bounds(place);
      const used = await accounts.tokensUsed(place.account, today());
      return success({
        keyPackages: single,
        hasLastResort,
        inboxItems: items,
        inboxItemsMax: LIMITS.inboxItemsMax + LIMITS.inboxStrangerItemsMax,
        tokens: Math.max(0, tokensPerDay - used),
        tokensNextAt: (today() + 1) * DAY_MS,
      });
    },
    "keyPackages.upload": async (added, peer) => {
      const kept = await accounts.addKeyPackages(sessionOf(peer), added);
      return kept === undefined ? failure("quota_exceeded") : success({ kept });
    },
    "tokens.key": () => success({ key: tokens.id, publicKey: tokens.publicKey, tokensPerDay }),
    "tokens.issue": async ({ key, blinded }, peer) => {
      const { account } = sessionOf(peer);
      const issued = tokens.issue(key, blinded);
      if (issued === undefined) return failure("payment_invalid");
      const granted = await accounts.grantTokens({ account, count: blinded.length, day: today(), perDay: tokensPerDay });
      return granted ? success(issued) : failure("quota_exceeded");
    },
  };
}
