/** Reading one's own inbox, and reaching that of somebody else (spec/inbox.md). */
import {
  type Authorisation,
  type AccountId,
  concatBytes,
  contactHash,
  encodePush,
  equalTags,
  failure,
  gateCodeHash,
  idToText,
  type InboxLane,
  accountIdToText,
  type ChainState,
  type Outcome,
  success,
} from "@sotto/protocol";
import type { Delayed, HandlersOf, NamesWith } from "../connection/handlers.ts";
import type { Peer } from "../connection/peer.ts";
import type { Settings } from "../options.ts";
import { RateTable } from "../rate.ts";
import type { Cashier } from "../tokens/cashier.ts";
import { sessionOf } from "./account-operations.ts";
import type { AccountStore } from "./account-store.ts";
import { chainPartFor } from "./chain-part.ts";
import type { Identities } from "./identities.ts";
import type { InboxFeed } from "./inbox-feed.ts";
import type { InboxStore } from "./inbox-store.ts";
import type { Presence } from "./presence.ts";

export type InboxServices = {
  readonly accounts: AccountStore;
  readonly inboxes: InboxStore;
  readonly identities: Identities;
  readonly presence: Presence;
  readonly cashier: Cashier;
  readonly feed: InboxFeed;
  readonly settings: Settings;
};

export function createInboxHandlers(
  services: InboxServices,
): HandlersOf<NamesWith<"inbox"> | "keyPackages.claim" | NamesWith<"directory">> {
  return { ...createOwnerHandlers(services), ...createSenderHandlers(services), ...createDirectory(services) };
}

function createOwnerHandlers({
  accounts,
  inboxes,
  feed,
}: InboxServices): HandlersOf<"inbox.subscribe" | "inbox.acknowledge" | "inbox.setAccess"> {
  return {
    "inbox.subscribe": async ({ from }, peer) => {
      const { first, head } = await inboxes.bounds(sessionOf(peer));
      feed.subscribe(peer, from);
      return success({ first, head });
    },
    "inbox.acknowledge": async ({ through }, peer) => {
      await inboxes.acknowledge(sessionOf(peer), through);
      return success({});
    },
    "inbox.setAccess": async (access, peer) => {
      await accounts.setAccess(sessionOf(peer).account, access);
      return success({});
    },
  };
}

type Entering = {
  readonly authorisation: Authorisation;
  readonly purpose: Uint8Array;
  /** How many are claimed or delivered to. */
  readonly devices: number;
};

/** Who may write to an inbox. What costs the stranger something comes last. */
function createDoorkeeper({ accounts, identities, cashier, settings }: InboxServices) {
  const wrongCodes = new RateTable(settings.limits.gate);
  const strangers = new RateTable(settings.limits.strangersToAccount);
  return async (
    account: AccountId,
    { authorisation, purpose, devices }: Entering,
  ): Promise<Outcome<{ readonly lane: InboxLane; readonly state: ChainState }> | Delayed> => {
    const access = await accounts.access(account);
    const state = await identities.stateOf(account);
    if (access === undefined || state === undefined) return failure("account_unknown");
    if (authorisation.as === "contact") {
      const isRight = access.contact !== null && equalTags(access.contact, contactHash(account, authorisation.token));
      return isRight ? success({ lane: "contact", state }) : failure("capability_invalid");
    }
    if (!access.strangers) return failure("inbox_closed");
    if (access.gate !== null && !equalTags(access.gate, gateCodeHash(account, authorisation.gateCode))) {
      const wait = wrongCodes.take(accountIdToText(account), settings.now());
      return failure(wait > 0 ? "rate_limited" : "gate_code_wrong");
    }
    // Whoever did not get this far takes nothing from what others may send.
    const wait = strangers.take(accountIdToText(account), settings.now(), devices);
    if (wait > 0) return { ...failure("rate_limited"), retryAfterMs: wait };
    const paid = await cashier.take(authorisation.payment, { count: 1, purpose });
    return paid.ok ? success({ lane: "stranger", state }) : paid;
  };
}

function createSenderHandlers(services: InboxServices): HandlersOf<"inbox.deliver" | "keyPackages.claim"> {
  const { accounts, inboxes, presence, feed, settings } = services;
  const mayEnter = createDoorkeeper(services);
  const tellLow = (peers: readonly Peer[], kept: number): void => {
    for (const peer of peers) peer.send(encodePush("keyPackages.low", { kept }));
  };
  return {
    "inbox.deliver": async ({ account, devices, itemId, body, authorisation }) => {
      const entered = await mayEnter(account, { authorisation, purpose: concatBytes(account, itemId), devices: devices.length });
      if (!entered.ok) return entered;
      const { lane, state } = entered.value;
      const present = devices.filter((device) => state.devicesById.has(idToText(device)));
      const delivered = await inboxes.deliver({ account, devices: present, itemId, lane, body, at: settings.now() });
      for (const { device, item } of delivered) if (item !== undefined) feed.deliver({ account, device }, item);
      const outcomes = new Map(delivered.map(({ device, outcome }) => [idToText(device), outcome]));
      return success({ results: devices.map((device) => ({ device, outcome: outcomes.get(idToText(device)) ?? "device_unknown" })) });
    },
    "keyPackages.claim": async ({ account, devices, authorisation }) => {
      // A claim is not repeatable, so its payment is for nothing else either: the first device stands for it.
      const entered = await mayEnter(account, { authorisation, purpose: concatBytes(account, ...devices), devices: devices.length });
      if (!entered.ok) return entered;
      const claimed = await accounts.claimKeyPackages(account, devices);
      for (const { device, isLastResort, left } of claimed) {
        if (isLastResort || left < settings.limits.keyPackagesLow) tellLow(presence.peersOf(account, device), left);
      }
      return success({ claimed: claimed.map(({ device, keyPackage, isLastResort }) => ({ device, keyPackage, isLastResort })) });
    },
  };
}

function createDirectory({ accounts }: InboxServices): HandlersOf<NamesWith<"directory">> {
  return {
    "directory.lookup": async ({ username }) => {
      const found = await accounts.lookUp(username);
      return found === undefined ? failure("username_unknown") : success({ ...found, proof: new Uint8Array(0) });
    },
    "directory.name": async ({ account }) => {
      const name = await accounts.nameOf(account);
      return name === undefined ? failure("account_unknown") : success({ username: name });
    },
    "directory.chain": async ({ account, from }, peer) => {
      const part = await chainPartFor(peer, accounts, { account, from });
      return part === undefined ? failure("account_unknown") : success(part);
    },
  };
}
