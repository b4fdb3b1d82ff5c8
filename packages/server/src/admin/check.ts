/**
 * `check`: whether a data folder is what the server wrote (spec/server.md §Check). Reads only, and may run beside the server: each database is
 * looked at in one transaction, so at one moment.
 */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { accountId, decodeInboxItem, equalBytes, LIMITS, toId, validateChain } from "@sotto/protocol";
import { ACCOUNT_SCHEMA } from "../accounts/account-schema.ts";
import { verifySignature } from "../accounts/signatures.ts";
import { blobPath } from "../blobs/file-blob-store.ts";
import { FILES, needDataFolder } from "../data-folder.ts";
import { LOG_SCHEMA } from "../log/log-schema.ts";
import { createReceipts } from "../log/receipts.ts";
import { ServerError } from "../server-error.ts";
import { bytesAt, numberAt } from "../sqlite/columns.ts";
import { openDatabase, storeError } from "../sqlite/database.ts";
import { checkLogs, type Finding, type LogCheck } from "./check-logs.ts";
import { type OnProgress, unheard } from "./progress.ts";
import { isMissing } from "../files.ts";

export type CheckReport = LogCheck & {
  readonly accounts: number;
  readonly blobs: number;
  /** Empty: all is well. At most a thousand. */
  readonly findings: readonly Finding[];
};

const FINDINGS_MAX = 1_000;

export async function check(dataFolder: string, onProgress: OnProgress = unheard): Promise<CheckReport> {
  needDataFolder(dataFolder);
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    if (findings.length < FINDINGS_MAX) findings.push(finding);
  };
  const hubKey = readHubKey(dataFolder);
  const logs = openDatabase(join(dataFolder, FILES.logs), LOG_SCHEMA, "read");
  try {
    const checked = checkLogsOf({ logs, hubKey }, { report, onProgress });
    const blobs = await checkBlobs(logs, join(dataFolder, FILES.blobs), { report, onProgress }).catch((error: unknown) => {
      reportDamage(error, report);
      return 0;
    });
    const accounts = checkAccounts(dataFolder, { report, onProgress });
    return { ...checked, accounts, blobs, findings };
  } catch (error) {
    throw storeError(error);
  } finally {
    logs.close();
  }
}

type Databases = { readonly logs: DatabaseSync; readonly accounts: DatabaseSync; readonly hubKey: Uint8Array };

/** All but the blobs, over open databases. */
export function checkDatabases({ logs, accounts, hubKey }: Databases, report: (finding: Finding) => void): void {
  checkLogsOf({ logs, hubKey }, { report, onProgress: unheard });
  checkAccountsOf(accounts, { report, onProgress: unheard });
}

function checkLogsOf({ logs, hubKey }: Pick<Databases, "logs" | "hubKey">, told: Told): LogCheck {
  const checked = inOneMoment(logs, told.report, () => checkLogs(logs, createReceipts(hubKey), told));
  return checked ?? { logs: 0, entries: 0, segments: 0 };
}

function readHubKey(dataFolder: string): Uint8Array {
  try {
    return readFileSync(join(dataFolder, FILES.hubKey));
  } catch (error) {
    throw new ServerError(isMissing(error) ? "store_damaged" : "store_unavailable", { cause: error });
  }
}

function inOneMoment<T>(db: DatabaseSync, report: (finding: Finding) => void, work: () => T): T | undefined {
  db.exec("BEGIN");
  try {
    const row = db.prepare("PRAGMA integrity_check(1)").get() ?? {};
    if (Object.values(row)[0] !== "ok") report({ kind: "database_damaged", at: 0 });
    const value = work();
    db.exec("COMMIT");
    return value;
  } catch (error) {
    reportDamage(error, report);
    return undefined;
  }
}

/** A damaged file is something that was found; any other failure ends the check. */
function reportDamage(error: unknown, report: (finding: Finding) => void): void {
  const failed = storeError(error);
  if (failed.code !== "store_damaged") throw failed;
  report({ kind: "database_damaged", at: 0 });
}

type Told = { readonly report: (finding: Finding) => void; readonly onProgress: OnProgress };

async function checkBlobs(db: DatabaseSync, folder: string, { report, onProgress }: Told): Promise<number> {
  const parts = db.prepare("SELECT start, end, sha256 FROM blob_part WHERE blob = ? ORDER BY start");
  const offset = db.prepare("SELECT offset FROM blob WHERE id = ?");
  const ids = db
    .prepare("SELECT id FROM blob ORDER BY id")
    .all()
    .map((row) => bytesAt(row, "id"));
  for (const [at, id] of ids.entries()) {
    onProgress({ part: FILES.blobs, done: at, total: ids.length, unit: "files" });
    const known = offset.get(id);
    // Deleted since; the list was of another moment.
    if (known === undefined) continue;
    const kind = await checkBlob(blobPath(folder, id), parts.all(id), numberAt(known, "offset"));
    if (kind !== undefined && offset.get(id) !== undefined) report({ kind, at });
  }
  return ids.length;
}

async function checkBlob(
  path: string,
  parts: readonly Parameters<typeof numberAt>[0][],
  offset: number,
): Promise<Finding["kind"] | undefined> {
  let end = 0;
  try {
    for (const part of parts) {
      const [start, partEnd] = [numberAt(part, "start"), numberAt(part, "end")];
      if (start !== end) return "blob_damaged";
      end = partEnd;
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(path, { start, end: end - 1 })) if (chunk instanceof Uint8Array) hash.update(chunk);
      if (!equalBytes(hash.digest(), bytesAt(part, "sha256"))) return "blob_damaged";
    }
    return end === offset ? undefined : "blob_damaged";
  } catch (error) {
    if (isMissing(error)) return "blob_missing";
    throw error;
  }
}

function checkAccountsOf(db: DatabaseSync, told: Told): number {
  return inOneMoment(db, told.report, () => checkChains(db, told) + checkInboxes(db, told.report)) ?? 0;
}

function checkAccounts(dataFolder: string, told: Told): number {
  const db = openDatabase(join(dataFolder, FILES.accounts), ACCOUNT_SCHEMA, "read");
  try {
    return checkAccountsOf(db, told);
  } finally {
    db.close();
  }
}

function checkChains(db: DatabaseSync, { report, onProgress }: Told): number {
  const total = numberAt(db.prepare("SELECT count(*) AS n FROM account").get() ?? {}, "n");
  const chain = db.prepare("SELECT entry FROM chain WHERE account = ? ORDER BY idx LIMIT ?");
  let accounts = 0;
  for (const row of db.prepare("SELECT number, id, length FROM account").iterate()) {
    accounts++;
    onProgress({ part: FILES.accounts, done: accounts, total, unit: "accounts" });
    const number = numberAt(row, "number");
    const entries = chain.all(number, LIMITS.chainEntriesMax + 1).map((entry) => bytesAt(entry, "entry"));
    const state = validateChain(entries, verifySignature, toId(accountId, bytesAt(row, "id")));
    if (!state.ok || entries.length !== numberAt(row, "length")) report({ kind: "chain_invalid", at: number });
  }
  return accounts;
}

/** Items from the first to the head without a gap. Counts nothing. */
function checkInboxes(db: DatabaseSync, report: (finding: Finding) => void): 0 {
  const items = db.prepare("SELECT seq, bytes FROM inbox_item WHERE inbox = ? ORDER BY seq");
  for (const row of db.prepare("SELECT number, head, first FROM inbox").iterate()) {
    let next = numberAt(row, "first");
    let isRight = true;
    for (const item of items.iterate(numberAt(row, "number"))) {
      const decoded = decodeInboxItem(bytesAt(item, "bytes"));
      isRight &&= decoded.ok && decoded.value.seq === next && numberAt(item, "seq") === next;
      next++;
    }
    if (!isRight || next !== numberAt(row, "head") + 1) report({ kind: "inbox_wrong", at: numberAt(row, "number") });
  }
  return 0;
}
