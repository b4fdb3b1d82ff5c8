/**
 * The server without its doors: what stores, decides, answers and pushes, over open databases. server.ts puts sockets, HTTP and files around it;
 * the simulator drives it by hand.
 */
import type { DatabaseSync } from "node:sqlite";
import { type Hello, PROTOCOL_VERSION } from "@sotto/protocol";
import { createAccountHandlers } from "./accounts/account-operations.ts";
import { Identities } from "./accounts/identities.ts";
import { InboxFeed } from "./accounts/inbox-feed.ts";
import { createInboxHandlers } from "./accounts/inbox-operations.ts";
import { Presence } from "./accounts/presence.ts";
import { SqliteAccountStore } from "./accounts/sqlite-account-store.ts";
import { SqliteInboxStore } from "./accounts/sqlite-inbox-store.ts";
import { Dispatcher, type DispatchOptions } from "./connection/dispatch.ts";
import type { Handlers } from "./connection/handlers.ts";
import type { Peer } from "./connection/peer.ts";
import { Reception } from "./connection/reception.ts";
import { FanOut } from "./log/fan-out.ts";
import { createLogHandlers } from "./log/log-operations.ts";
import { createReceipts } from "./log/receipts.ts";
import { SqliteLogStore, type SqliteLogStoreOptions } from "./log/sqlite-log-store.ts";
import type { Settings } from "./options.ts";
import { createRequestLimit } from "./request-limits.ts";
import { GroupCommit } from "./sqlite/group-commit.ts";
import { createCashier, freeOfCharge } from "./tokens/cashier.ts";
import { TokenKeys } from "./tokens/token-keys.ts";

const SOFTWARE = "sotto 0.1.0";

export type ServiceOptions = {
  readonly logs: DatabaseSync;
  readonly accounts: DatabaseSync;
  readonly hubKey: Uint8Array;
  readonly tokenSeed: Uint8Array;
  readonly settings: Settings;
  /** How clients address this server. */
  readonly origins: () => readonly string[];
  /** Bytes that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
  /** Throws when nothing is to be written, such as on a full disk. */
  readonly mayWrite?: () => void;
  readonly observer: Observer;
};

/** Who counts and logs what happens. */
export type Observer = Pick<DispatchOptions, "onAnswered" | "onFailure"> & {
  readonly onCommit: NonNullable<SqliteLogStoreOptions["onCommit"]>;
  readonly onDeliver: (count: number) => void;
};

export type Service = ReturnType<typeof createService>;

export function createService(options: ServiceOptions) {
  const { settings, random } = options;
  const parts = createParts(options);
  const dispatcher = new Dispatcher({
    handlers: createHandlers(parts, options),
    now: settings.now,
    limit: createRequestLimit(settings),
    onAnswered: options.observer.onAnswered,
    onFailure: options.observer.onFailure,
  });
  const onClosed = (peer: Peer): void => {
    for (const subscription of peer.subscriptions.values()) parts.fanOut.unsubscribe(subscription);
  };
  const reception = new Reception({ settings, dispatcher, random, hello: () => helloOf(settings), onClosed });
  /** Whoever called this closes connections first, and `accounts` afterwards. */
  const close = async (): Promise<void> => {
    parts.logCommit.flush();
    await parts.accounts.close();
    await parts.store.close();
  };
  return { ...parts, reception, close };
}

function createParts({ logs, accounts: accountsFile, hubKey, tokenSeed, settings, mayWrite, observer }: ServiceOptions) {
  const { limits, now, timers } = settings;
  const { slowConsumerBytes } = limits;
  const logCommit = new GroupCommit(logs, mayWrite, timers);
  const accountCommit = new GroupCommit(accountsFile, mayWrite, timers);
  const store = new SqliteLogStore({
    database: logs,
    receiptOf: createReceipts(hubKey),
    now,
    timers,
    ...(mayWrite === undefined ? {} : { mayWrite }),
    onCommit: observer.onCommit,
  });
  const fanOut = new FanOut({ store, slowConsumerBytes, onDeliver: observer.onDeliver });
  const accounts = new SqliteAccountStore(accountsFile, accountCommit);
  const inboxes = new SqliteInboxStore(accountsFile, accountCommit);
  const tokens = new TokenKeys(tokenSeed);
  const cashier = settings.paymentRequired
    ? createCashier({ database: logs, commit: logCommit, keys: tokens, purposeKey: tokenSeed })
    : freeOfCharge;
  const identities = new Identities(accounts);
  const presence = new Presence();
  const feed = new InboxFeed({ inboxes, presence, slowConsumerBytes, timers });
  return { store, fanOut, accounts, inboxes, tokens, cashier, identities, presence, feed, logCommit };
}

function createHandlers(parts: ReturnType<typeof createParts>, { settings, origins }: ServiceOptions): Handlers {
  const loginRules = { origins, nonceMs: settings.limits.loginNonceMs, now: settings.now };
  return {
    ...createLogHandlers({ ...parts, timers: settings.timers }),
    ...createAccountHandlers({ ...parts, settings, loginRules }),
    ...createInboxHandlers({ ...parts, settings }),
  };
}

function helloOf(settings: Settings): Omit<Hello, "nonce"> {
  const { inviteRequired, paymentRequired, entryDaysKept, blobDaysKept, blobBytesMax, now } = settings;
  return {
    protocol: PROTOCOL_VERSION,
    software: SOFTWARE,
    time: now(),
    inviteRequired,
    paymentRequired,
    entryDaysKept,
    blobDaysKept,
    blobBytesMax,
  };
}
