/** Puts doors around the service and listens. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ErrorCode } from "@sotto/protocol";
import { fastify, type FastifyInstance } from "fastify";
import { type Logger, pino } from "pino";
import { FileBlobStore } from "./blobs/file-blob-store.ts";
import { Gate } from "./connection/gate.ts";
import { createDiskGuard, type DataFolder, openDataFolder } from "./data-folder.ts";
import { addBlobRoutes } from "./http/blob-routes.ts";
import { addPages } from "./http/pages.ts";
import { startJanitor } from "./janitor.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type ServerOptions, type Settings, settingsOf } from "./options.ts";
import { codeOf, ServerError } from "./server-error.ts";
import { createService, type Observer } from "./service.ts";

export type RunningServer = {
  /** `http://host:port`, or `https://…`. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
};

function createHttp({ tls, limits }: Settings): FastifyInstance {
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
    subscriptions: () => service.fanOut.subscriptions,
  });
  const mayWrite = createDiskGuard(folder.path, {
    bytesMin: settings.limits.diskFreeBytesMin,
    everyMs: settings.limits.diskCheckMs,
    now: settings.now,
  });
  let port = settings.port;
  const { logs, accounts, hubKey, tokenSeed } = folder;
  const service = createService({
    logs,
    accounts,
    hubKey,
    tokenSeed,
    settings,
    mayWrite,
    origins: () => origins ?? localOrigins(settings, port),
    random: (length) => new Uint8Array(randomBytes(length)),
    observer: observerOf(metrics, logger),
  });
  const blobs = new FileBlobStore({
    folder: folder.blobs,
    database: logs,
    commit: service.logCommit,
    now: settings.now,
    bytesTotalMax: settings.blobBytesTotalMax,
    mayWrite,
  });
  const gate = new Gate(app.server, { settings, reception: service.reception });
  addBlobRoutes(app, { ...service, blobs, settings, onFailure: (error) => logFailure(logger, "http", error) });
  await addPages(app, { metrics, webFolder: settings.webFolder, mayWrite: () => problemOf(mayWrite) });
  await blobs.sweep();
  const janitor = startJanitor({ ...service, blobs }, settings, (error) => logFailure(logger, "janitor", error));
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
    await service.close();
    folder.accounts.close();
    folder.unlock();
    logger.info("stopped");
  };
  return { address: `${scheme}://${host}:${port}`, port, close: () => (closing ??= close()) };
}

function observerOf(metrics: Metrics, logger: Logger): Observer {
  return {
    onAnswered: metrics.countAnswer,
    onFailure: (operation, error) => logFailure(logger, operation, error),
    onDeliver: (delivered) => metrics.deliveries.inc(delivered),
    onCommit: ({ entries, bytes, seconds }) => {
      metrics.entries.inc(entries);
      metrics.storedBytes.inc(bytes);
      metrics.commitSeconds.observe(seconds);
      metrics.commitEntries.observe(entries);
    },
  };
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
