/**
 * A blind, ordered, append-only store of ciphertext with limits, fan-out and a key directory. It imports nothing that could open what it keeps.
 */
export { DEFAULT_LIMITS, type Rate, type ServerLimits, type ServerOptions } from "./options.ts";
export { type RunningServer, startServer } from "./server.ts";
export { ServerError } from "./server-error.ts";
