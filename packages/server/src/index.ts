/**
 * A blind, ordered, append-only store of ciphertext with limits, fan-out and a key directory. It imports nothing that could open what it keeps.
 */
export { backup, type BackupSummary, restore } from "./admin/backup.ts";
export { check, type CheckReport } from "./admin/check.ts";
export type { Finding } from "./admin/check-logs.ts";
export { createInvite } from "./admin/invite.ts";
export type { OnProgress, Progress } from "./admin/progress.ts";
export { DEFAULT_LIMITS, type Rate, type ServerLimits, type ServerOptions } from "./options.ts";
export { type RunningServer, startServer } from "./server.ts";
export { ServerError } from "./server-error.ts";
