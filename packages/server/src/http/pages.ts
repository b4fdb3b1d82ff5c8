/** /healthz, /metrics for this machine only, and the built web app where there is one. */
import { existsSync } from "node:fs";
import helmet from "@fastify/helmet";
import serveStatic from "@fastify/static";
import type { ErrorCode } from "@sotto/protocol";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";
import { ServerError } from "../server-error.ts";
import { sendProblem } from "./problem.ts";

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

export type PageParts = {
  readonly metrics: Metrics;
  readonly webFolder: string | undefined;
  /** Why nothing is written at the moment, if so. */
  readonly mayWrite: () => ErrorCode | undefined;
};

export async function addPages(app: FastifyInstance, { metrics, webFolder, mayWrite }: PageParts): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        // libsodium and SQLite are WebAssembly.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        connectSrc: ["'self'", "ws:", "wss:"],
        imgSrc: ["'self'", "blob:", "data:"],
        mediaSrc: ["'self'", "blob:"],
        // oxlint-disable-next-line unicorn/no-null -- helmet takes null for "leave out"
        upgradeInsecureRequests: null,
      },
    },
    crossOriginEmbedderPolicy: true,
    referrerPolicy: { policy: "no-referrer" },
  });
  app.get("/healthz", async (_request, reply) => {
    const problem = mayWrite();
    void reply.header("cache-control", "no-store");
    return problem === undefined ? reply.send({ status: "ok" }) : reply.code(503).send({ status: problem });
  });
  app.get("/metrics", async (request, reply) => {
    // A proxy on this machine would hand the numbers to everybody.
    const isLocal = LOOPBACK.test(request.socket.remoteAddress ?? "") && request.headers["x-forwarded-for"] === undefined;
    if (!isLocal) return sendProblem(reply, "operation_unknown");
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  if (webFolder === undefined) {
    app.setNotFoundHandler((_request, reply) => sendProblem(reply, "operation_unknown"));
    return;
  }
  if (!existsSync(webFolder)) throw new ServerError("store_unavailable");
  await app.register(serveStatic, { root: webFolder, cacheControl: false, etag: true });
}
