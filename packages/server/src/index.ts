/**
 * A blind, ordered, append-only store of ciphertext with limits, fan-out and a key directory. It imports nothing that could open what it keeps.
 */
export { backup, type BackupSummary, restore } from "./admin/backup.ts";
export { check, checkDatabases, type CheckReport } from "./admin/check.ts";
export type { Finding } from "./admin/check-logs.ts";
export { disclose, type Disclosure } from "./admin/disclose.ts";
export { createInvite } from "./admin/invite.ts";
export type { OnProgress, Progress } from "./admin/progress.ts";
export { ACCOUNT_SCHEMA } from "./accounts/account-schema.ts";
export type { Peer, Socket } from "./connection/peer.ts";
export { LOG_SCHEMA } from "./log/log-schema.ts";
export { DEFAULT_LIMITS, type Rate, type ServerLimits, type ServerOptions, settingsOf } from "./options.ts";
export { createService, type Service } from "./service.ts";
export { openDatabase } from "./sqlite/database.ts";
export type { Timers } from "./timers.ts";
export { type RunningServer, startServer } from "./server.ts";
export { ServerError } from "./server-error.ts";
