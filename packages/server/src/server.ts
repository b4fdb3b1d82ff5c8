/** Puts the parts together and listens. */
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type AnyRequest, accountIdToText, type ErrorCode, type Hello, PROTOCOL_VERSION } from "@sotto/protocol";
import { fastify, type FastifyInstance } from "fastify";
import { type Logger, pino } from "pino";
import { createAccountHandlers } from "./accounts/account-operations.ts";
import { Identities } from "./accounts/identities.ts";
import { InboxFeed } from "./accounts/inbox-feed.ts";
import { createInboxHandlers } from "./accounts/inbox-operations.ts";
import { Presence } from "./accounts/presence.ts";
import { SqliteAccountStore } from "./accounts/sqlite-account-store.ts";
import { SqliteInboxStore } from "./accounts/sqlite-inbox-store.ts";
import { FileBlobStore } from "./blobs/file-blob-store.ts";
import { Dispatcher } from "./connection/dispatch.ts";
import { Gate } from "./connection/gate.ts";
import type { Handlers } from "./connection/handlers.ts";
import type { Peer } from "./connection/peer.ts";
import { createDiskGuard, type DataFolder, openDataFolder } from "./data-folder.ts";
import { addBlobRoutes } from "./http/blob-routes.ts";
import { addPages } from "./http/pages.ts";
import { FanOut } from "./log/fan-out.ts";
import { keyOf } from "./log/log-index.ts";
import { createLogHandlers } from "./log/log-operations.ts";
import { createReceipts } from "./log/receipts.ts";
import { SqliteLogStore } from "./log/sqlite-log-store.ts";
import { startJanitor } from "./janitor.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type ServerOptions, type Settings, settingsOf } from "./options.ts";
import { RateTable } from "./rate.ts";
import { codeOf, ServerError } from "./server-error.ts";
import { GroupCommit } from "./sqlite/group-commit.ts";
import { createCashier, freeOfCharge } from "./tokens/cashier.ts";
import { TokenKeys } from "./tokens/token-keys.ts";

export type RunningServer = {
  /** `http://host:port`, or `https://…`. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
};

const SOFTWARE = "sotto 0.1.0";

type Parts = ReturnType<typeof createParts>;

/** What stores and serves, before anything listens. */
function createParts(folder: DataFolder, settings: Settings, count: { readonly metrics: () => Metrics }) {
  const { limits, now } = settings;
  const mayWrite = createDiskGuard(folder.path, { bytesMin: limits.diskFreeBytesMin, everyMs: limits.diskCheckMs, now });
  const logCommit = new GroupCommit(folder.logs, mayWrite);
  const accountCommit = new GroupCommit(folder.accounts, mayWrite);
  const store = new SqliteLogStore({
    database: folder.logs,
    receiptOf: createReceipts(folder.hubKey),
    now,
    mayWrite,
    onCommit: ({ entries, bytes, seconds }) => {
      const metrics = count.metrics();
      metrics.entries.inc(entries);
      metrics.storedBytes.inc(bytes);
      metrics.commitSeconds.observe(seconds);
      metrics.commitEntries.observe(entries);
    },
  });
  const fanOut = new FanOut({
    store,
    slowConsumerBytes: limits.slowConsumerBytes,
    onDeliver: (delivered) => count.metrics().deliveries.inc(delivered),
  });
  const accounts = new SqliteAccountStore(folder.accounts, accountCommit);
  const inboxes = new SqliteInboxStore(folder.accounts, accountCommit);
  const blobs = new FileBlobStore({ folder: folder.blobs, database: folder.logs, commit: logCommit, now });
  const tokens = new TokenKeys(folder.tokenSeed);
  const cashier = settings.paymentRequired
    ? createCashier({ database: folder.logs, commit: logCommit, keys: tokens, purposeKey: folder.tokenSeed })
    : freeOfCharge;
  const identities = new Identities(accounts);
  const presence = new Presence();
  const feed = new InboxFeed({ inboxes, presence, slowConsumerBytes: limits.slowConsumerBytes });
  return { store, fanOut, accounts, inboxes, blobs, tokens, cashier, identities, presence, feed, logCommit, mayWrite };
}

function createHandlers(parts: Parts, settings: Settings, origins: () => readonly string[]): Handlers {
  const loginRules = { origins, nonceMs: settings.limits.loginNonceMs, now: settings.now };
  return {
    ...createLogHandlers(parts),
    ...createAccountHandlers({ ...parts, settings, loginRules }),
    ...createInboxHandlers({ ...parts, settings }),
  };
}

/** Limits beyond those of one connection. */
function createLimit({ limits, now }: Settings): (peer: Peer, request: AnyRequest) => number {
  const [accounts, logs, addresses] = [new RateTable(limits.account), new RateTable(limits.log), new RateTable(limits.address)];
  return (peer, { operation, request }) => {
    if (operation === "log.append" || operation === "log.ephemeral") return logs.take(keyOf(request.log), now());
    if (operation === "account.register" || operation === "account.login" || operation === "account.recover") {
      return addresses.take(peer.address, now());
    }
    return peer.session === undefined ? 0 : accounts.take(accountIdToText(peer.session.account), now());
  };
}

function createHttp({ tls, limits, trustProxy }: Settings): FastifyInstance {
  const timeouts = { headersTimeout: limits.httpHeadersMs, requestTimeout: 0, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 };
  const readTls = (): { cert: Buffer; key: Buffer } | undefined => {
    if (tls === undefined) return undefined;
    try {
      return { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) };
    } catch (error) {
      throw new ServerError("server_certificate", { cause: error });
    }
  };
  const certificate = readTls();
  return fastify({
    logger: false,
    trustProxy,
    routerOptions: { maxParamLength: 64 },
    serverFactory: (handler): Server =>
      certificate === undefined ? createHttpServer(timeouts, handler) : createHttps(certificate, timeouts, handler),
  });
}

function createHttps(certificate: { readonly cert: Buffer; readonly key: Buffer }, timeouts: object, handler: RequestListener): Server {
  try {
    return createHttpsServer({ ...timeouts, ...certificate, minVersion: "TLSv1.3" }, handler);
  } catch (error) {
    throw new ServerError("server_certificate", { cause: error });
  }
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const settings = settingsOf(options);
  const logger = options.logger ?? pino({ base: null });
  const folder = openDataFolder(settings.dataFolder);
  try {
    return await listen(folder, settings, { logger, origins: options.origins });
  } catch (error) {
    if (folder.logs.isOpen) folder.logs.close();
    if (folder.accounts.isOpen) folder.accounts.close();
    folder.unlock();
    throw error;
  }
}

async function listen(
  folder: DataFolder,
  settings: Settings,
  { logger, origins }: { readonly logger: Logger; readonly origins: readonly string[] | undefined },
): Promise<RunningServer> {
  const app = createHttp(settings);
  const metrics: Metrics = createMetrics({
    connections: () => ({ account: gate.count("account"), anonymous: gate.count("anonymous") }),
    subscriptions: () => parts.fanOut.subscriptions,
  });
  const parts = createParts(folder, settings, { metrics: () => metrics });
  let port = settings.port;
  const dispatcher = new Dispatcher({
    handlers: createHandlers(parts, settings, () => origins ?? localOrigins(settings, port)),
    now: settings.now,
    limit: createLimit(settings),
    onAnswered: (operation, code) => metrics.answers.inc({ operation, code }),
    onFailure: (operation, error) => logFailure(logger, operation, error),
  });
  const gate = new Gate(app.server, {
    settings,
    dispatcher,
    hello: () => helloOf(settings),
    onClosed: (peer) => {
      for (const subscription of peer.subscriptions.values()) parts.fanOut.unsubscribe(subscription);
    },
  });
  addBlobRoutes(app, { ...parts, settings, onFailure: (error) => logFailure(logger, "http", error) });
  await addPages(app, { metrics, webFolder: settings.webFolder, mayWrite: () => problemOf(parts.mayWrite) });
  await parts.blobs.sweep();
  const janitor = startJanitor(parts, settings, (error) => logFailure(logger, "janitor", error));
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    janitor.stop();
    await gate.close();
    throw new ServerError("server_address", { cause: error });
  }
  port = portOf(app);
  const scheme = settings.tls === undefined ? "http" : "https";
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  logger.info({ port, tls: settings.tls !== undefined }, "listening");
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    janitor.stop();
    await gate.close();
    await app.close();
    parts.logCommit.flush();
    await parts.accounts.close();
    await parts.store.close();
    folder.accounts.close();
    folder.unlock();
    logger.info("stopped");
  };
  return { address: `${scheme}://${host}:${port}`, port, close: () => (closing ??= close()) };
}

function problemOf(check: () => void): ErrorCode | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function portOf(app: FastifyInstance): number {
  const address: AddressInfo | string | null = app.server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
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

/** How clients on this machine address the server. Never taken from a request: another server could pass the challenge on. */
function localOrigins({ tls, host }: Settings, port: number): string[] {
  const scheme = tls === undefined ? "http" : "https";
  const names = new Set(["localhost", "127.0.0.1", "[::1]", host.includes(":") ? `[${host}]` : host]);
  const isDefault = port === (tls === undefined ? 80 : 443);
  return [...names].map((name) => `${scheme}://${name}${isDefault ? "" : `:${port}`}`);
}

/** Codes and kinds of errors only: their texts and what they hold could name somebody. */
function logFailure(logger: Logger, operation: string, error: unknown): void {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { name, stack } = cause instanceof Error ? cause : { name: typeof cause, stack: undefined };
  const at = stack
    ?.split("\n")
    .find((line) => line.includes("/src/"))
    ?.replace(/^.*\/src\//, "")
    .replace(/\)$/, "");
  logger.error({ operation, code: codeOf(error), error: name, at }, "failed");
}
