/**
 * The encrypted store on Node.js: one SQLCipher file (AES-256-CBC pages with HMAC), held by one process at a time.
 *
 *   file      salt[16] ‖ encrypted pages, as SQLCipher writes them
 *   key       scrypt(passphrase, salt, N = 2^16, r = 8, p = 1), 32 bytes; or the 32 bytes of a key file
 *
 * Write-ahead log with `synchronous = FULL`: a batch is on the disk when `write` resolves. `secure_delete` overwrites what is deleted.
 */
import { randomBytes, scryptSync } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { Database, type SqliteValue } from "@signalapp/sqlcipher";
import { ClientError, type ClientErrorCode, type Row, type SqlValue, type Statement, type Store } from "@sotto/client";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const SCRYPT = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

export type StoreLock = { readonly passphrase: string } | { readonly key: Uint8Array };

type Parameters = readonly SqliteValue<object>[];

/** The driver binds empty bytes as NULL, unless they point into a buffer that is not empty. */
const EMPTY = new Uint8Array(new ArrayBuffer(8), 0, 0);

/** The driver only reads the parameters, and asks for buffers that are not shared, which none of ours is. */
const asParameters = (parameters: readonly SqlValue[]): Parameters =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  parameters.map((value) => (value instanceof Uint8Array && value.length === 0 ? EMPTY : value)) as Parameters;

const CODES: readonly (readonly [RegExp, ClientErrorCode])[] = [
  [/not a database|hmac check failed/i, "store_passphrase"],
  [/locked|busy/i, "store_locked"],
  [/disk is full/i, "store_disk_full"],
  [/malformed|corrupt|disk image/i, "store_damaged"],
  [/unable to open|readonly|read-only|i\/o error/i, "store_unavailable"],
];

/** Of files and folders, not of SQLite (errno of the system). */
function fileError(error: unknown): ClientErrorCode | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return error.code === "ENOSPC" || error.code === "EDQUOT" ? "store_disk_full" : "store_unavailable";
}

/** A failed rollback, of a transaction that SQLite has ended itself, hides why: on a full disk, mostly. */
const rootOf = (error: unknown): unknown => (error instanceof Error && error.cause instanceof Error ? error.cause : error);

function asClientError(thrown: unknown): unknown {
  const error = rootOf(thrown);
  const ofFiles = fileError(error);
  if (ofFiles !== undefined) return new ClientError(ofFiles, { cause: error });
  const text = error instanceof Error ? error.message : "";
  const found = CODES.find(([pattern]) => pattern.test(text));
  return found === undefined ? error : new ClientError(found[1], { cause: error });
}

/** The key has opened the first page, so another page that it does not open is damaged. */
function asOpenError(thrown: unknown): unknown {
  const error = asClientError(thrown);
  return error instanceof ClientError && error.code === "store_passphrase" ? new ClientError("store_damaged", { cause: error }) : error;
}

function saltOf(path: string): Uint8Array {
  if (!existsSync(path)) return randomBytes(SALT_BYTES);
  const salt = new Uint8Array(SALT_BYTES);
  const file = openSync(path, "r");
  try {
    return readSync(file, salt, 0, SALT_BYTES, 0) === SALT_BYTES ? salt : randomBytes(SALT_BYTES);
  } finally {
    closeSync(file);
  }
}

function keyPragma(path: string, lock: StoreLock): string {
  const salt = saltOf(path);
  const key = "key" in lock ? lock.key : scryptSync(lock.passphrase.normalize("NFC"), salt, KEY_BYTES, SCRYPT);
  if (key.length !== KEY_BYTES) throw new ClientError("store_passphrase");
  return `key = "x'${Buffer.from(key).toString("hex")}${Buffer.from(salt).toString("hex")}'"`;
}

class SqlcipherStore implements Store {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return attempt(() => this.#database.prepare(sql).all(asParameters(parameters)));
  }

  write(batch: readonly Statement[]): Promise<void> {
    return attempt(() => {
      this.#database.transaction(() => {
        for (const { sql, parameters } of batch) this.#database.prepare(sql).run(asParameters(parameters));
      })();
    });
  }

  close(): Promise<void> {
    return attempt(() => this.#database.close());
  }
}

function attempt<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(asOpenError(error));
  }
}

/** Throws {@link ClientError}: `store_passphrase`, `store_locked`, `store_damaged`, `store_unavailable`, `store_disk_full`. */
export function openStore(path: string, lock: StoreLock): Store {
  let database: Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const pragma = keyPragma(path, lock);
    database = new Database(path, { cacheStatements: true });
    database.pragma("cipher_log_level = NONE");
    database.pragma(pragma);
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    for (const setting of ["synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY", "foreign_keys = ON", "cache_size = -16000"]) {
      database.pragma(setting);
    }
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    return new SqlcipherStore(database);
  } catch (error) {
    database?.close();
    throw asClientError(error);
  }
}
