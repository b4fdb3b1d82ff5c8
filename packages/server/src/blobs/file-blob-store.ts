/**
 * Blobs as files, with their facts in logs.db (spec/server.md §Blobs). The order makes a crash harmless:
 *
 *   create   file and folder are synced, then the row is written
 *   upload   bytes are written at the offset of the row and synced, then the row's offset moves; bytes beyond it do not count
 *   delete   the row goes, then the file; a file without a row is swept at the next start
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Readable } from "node:stream";
import {
  type BlobId,
  blobId,
  bytesToHex,
  equalBytes,
  failure,
  hexToBytes,
  isCapability,
  type Outcome,
  success,
  toId,
} from "@sotto/protocol";
import { syncFolder } from "../files.ts";
import { ServerError } from "../server-error.ts";
import { bytesAt, numberAt } from "../sqlite/columns.ts";
import type { GroupCommit } from "../sqlite/group-commit.ts";
import type { BlobStatus, BlobStore, BlobUpload, ByteRange, NewBlob } from "./blob-store.ts";

const EXPIRE_STEP = 64;

type Row = BlobStatus & { readonly write: Uint8Array };

const prepare = (db: DatabaseSync) => ({
  find: db.prepare("SELECT size, offset, write, expires_at FROM blob WHERE id = ?"),
  insert: db.prepare("INSERT INTO blob VALUES (?, ?, 0, ?, ?)"),
  setOffset: db.prepare("UPDATE blob SET offset = ?, expires_at = ? WHERE id = ? AND offset = ?"),
  renew: db.prepare("UPDATE blob SET expires_at = max(expires_at, ?) WHERE id = ? AND offset = 0"),
  insertPart: db.prepare("INSERT INTO blob_part VALUES (?, ?, ?, ?)"),
  remove: db.prepare("DELETE FROM blob WHERE id = ?"),
  removeParts: db.prepare("DELETE FROM blob_part WHERE blob = ?"),
  expired: db.prepare("SELECT id FROM blob WHERE expires_at < ? ORDER BY expires_at LIMIT ?"),
  total: db.prepare("SELECT coalesce(sum(size), 0) AS bytes FROM blob"),
});

/** Where the file of a blob lies below the blobs folder: in one of 256 folders. */
export function blobPath(folder: string, blob: Uint8Array): string {
  const name = bytesToHex(blob);
  return join(folder, name.slice(0, 2), name);
}

export class FileBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #commit: GroupCommit;
  /** Blobs that are being written: one upload at a time. */
  readonly #busy = new Set<string>();

  readonly #now: () => number;
  readonly #mayWrite: () => void;
  readonly #bytesTotalMax: number;
  /** Sizes of all blobs, and of those that are being made. One process writes here, so that the sum stays right. */
  #bytesTotal: number;

  constructor(parts: {
    readonly folder: string;
    readonly database: DatabaseSync;
    readonly commit: GroupCommit;
    readonly now: () => number;
    readonly bytesTotalMax?: number;
    /** Throws when nothing is to be added, such as on a full disk. */
    readonly mayWrite?: () => void;
  }) {
    this.#now = parts.now;
    this.#folder = parts.folder;
    this.#sql = prepare(parts.database);
    this.#commit = parts.commit;
    this.#mayWrite = parts.mayWrite ?? (() => undefined);
    this.#bytesTotalMax = parts.bytesTotalMax ?? Number.MAX_SAFE_INTEGER;
    this.#bytesTotal = numberAt(this.#sql.total.get() ?? {}, "bytes");
  }

  #find(blob: BlobId): Row | undefined {
    const row = this.#sql.find.get(blob);
    if (row === undefined) return undefined;
    const [size, offset, expiresAt] = [numberAt(row, "size"), numberAt(row, "offset"), numberAt(row, "expires_at")];
    return { size, offset, expiresAt, write: bytesAt(row, "write") };
  }

  async create(made: NewBlob): Promise<Outcome<BlobStatus>> {
    const earlier = this.#find(made.blob) && (await this.#commit.run(() => this.#again(made)));
    if (earlier !== undefined) return earlier;
    const { blob, size, write, expiresAt } = made;
    if (this.#bytesTotal + size > this.#bytesTotalMax) return failure("quota_exceeded");
    this.#mayWrite();
    // Room is taken before anything is waited for, or many at once would all find the same room.
    this.#bytesTotal += size;
    let isMade = false;
    try {
      await makeFile(blobPath(this.#folder, blob));
      const status = await this.#commit.run(() => {
        const known = this.#again(made);
        if (known === undefined) this.#sql.insert.run(blob, size, write, expiresAt);
        return { known };
      });
      isMade = status.known === undefined;
      return status.known ?? success({ size, offset: 0, expiresAt });
    } finally {
      if (!isMade) this.#bytesTotal -= size;
    }
  }

  /** Making a blob that is there, inside a transaction. Undefined if it is not. */
  #again({ blob, size, write, expiresAt }: NewBlob): Outcome<BlobStatus> | undefined {
    const known = this.#find(blob);
    if (known === undefined) return undefined;
    if (known.size !== size || !equalBytes(known.write, write)) return failure("blob_exists");
    this.#sql.renew.run(expiresAt, blob);
    return success(statusOf(this.#find(blob) ?? known));
  }

  /** An expired blob is gone for everybody, although its file may still wait to be removed. */
  #alive(blob: BlobId): Row | undefined {
    const row = this.#find(blob);
    return row === undefined || row.expiresAt < this.#now() ? undefined : row;
  }

  status(blob: BlobId): Promise<Outcome<BlobStatus>> {
    const row = this.#alive(blob);
    return Promise.resolve(row === undefined ? failure("blob_unknown") : success(statusOf(row)));
  }

  async upload({ blob, token, offset, length, bytes, ...more }: BlobUpload): Promise<Outcome<BlobStatus>> {
    const row = this.#alive(blob);
    if (row === undefined) return failure("blob_unknown");
    if (!isCapability(row.write, blob, token)) return failure("capability_invalid");
    if (row.offset === row.size) return failure("blob_complete");
    if (offset + length > row.size) return failure("blob_too_large");
    const key = bytesToHex(blob);
    if (offset !== row.offset || this.#busy.has(key)) return failure("blob_offset");
    // Before the bytes are there: the transaction asks again, but they would be on the disk by then.
    this.#mayWrite();
    this.#busy.add(key);
    try {
      const part = await writePart(blobPath(this.#folder, blob), { bytes, offset, end: row.size });
      if (part.isTooLong) return failure("blob_too_large");
      const { end } = part;
      if (end === offset) return success(statusOf(row));
      const expiresAt = offset === 0 ? more.expiresAt : row.expiresAt;
      return await this.#commit.run(() => {
        if (this.#sql.setOffset.run(end, expiresAt, blob, offset).changes === 0) return failure("blob_unknown");
        this.#sql.insertPart.run(blob, offset, end, part.sha256);
        return success({ size: row.size, offset: end, expiresAt });
      });
    } catch (error) {
      await this.#dropTail(blob, offset, error);
      throw error;
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Gives the room of bytes back that do not count. Only where it is sure that they never will: a commit that failed otherwise may be there. */
  async #dropTail(blob: BlobId, offset: number, error: unknown): Promise<void> {
    if (!(error instanceof ServerError && error.code === "server_disk_full")) return;
    await truncate(blobPath(this.#folder, blob), offset).catch(() => undefined);
  }

  read(blob: BlobId, { start, end }: ByteRange): Promise<Outcome<Readable>> {
    const row = this.#alive(blob);
    if (row === undefined) return Promise.resolve(failure("blob_unknown"));
    if (row.offset < row.size) return Promise.resolve(failure("blob_incomplete"));
    if (start > end || end >= row.size) return Promise.resolve(failure("blob_range"));
    return Promise.resolve(success(createReadStream(blobPath(this.#folder, blob), { start, end })));
  }

  async delete(blob: BlobId, token: Uint8Array): Promise<Outcome<null>> {
    const row = this.#find(blob);
    if (row === undefined) return failure("blob_unknown");
    if (!isCapability(row.write, blob, token)) return failure("capability_invalid");
    await this.#remove([blob]);
    return success(null);
  }

  async #remove(blobs: readonly BlobId[]): Promise<void> {
    const freed = await this.#commit.runFreeing(() => {
      let bytes = 0;
      for (const blob of blobs) {
        bytes += this.#find(blob)?.size ?? 0;
        this.#sql.remove.run(blob);
        this.#sql.removeParts.run(blob);
      }
      return bytes;
    });
    this.#bytesTotal -= freed;
    for (const blob of blobs) await rm(blobPath(this.#folder, blob), { force: true });
  }

  async expire(before: number): Promise<boolean> {
    const expired = this.#sql.expired.all(before, EXPIRE_STEP).map((row) => toId(blobId, bytesAt(row, "id")));
    if (expired.length > 0) await this.#remove(expired);
    return expired.length === EXPIRE_STEP;
  }

  bytesTotal(): Promise<number> {
    return Promise.resolve(this.#bytesTotal);
  }

  /** Removes files that no row names: left by a crash between two steps. Call before anything is uploaded. */
  async sweep(): Promise<number> {
    let swept = 0;
    for (const shelf of await readdir(this.#folder)) {
      for (const name of await readdir(join(this.#folder, shelf))) {
        const id = hexToBytes(name);
        if (id?.length === 16 && this.#find(toId(blobId, id)) !== undefined) continue;
        await rm(join(this.#folder, shelf, name), { force: true });
        swept++;
      }
    }
    return swept;
  }
}

function statusOf({ size, offset, expiresAt }: Row): BlobStatus {
  return { size, offset, expiresAt };
}

/** An empty file whose name survives a power cut. */
async function makeFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    await file.sync();
    await file.close();
    await syncFolder(dirname(path));
    await syncFolder(dirname(dirname(path)));
  } catch (error) {
    throw diskError(error);
  }
}

function diskError(error: unknown): ServerError {
  const isFull = error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  return new ServerError(isFull ? "server_disk_full" : "server_failed", { cause: error });
}

type Part = { readonly end: number; readonly sha256: Uint8Array; readonly isTooLong: boolean };

/** Writes what arrives and syncs it, also if the connection breaks; then what came before counts. */
async function writePart(path: string, from: { readonly bytes: Readable; readonly offset: number; readonly end: number }): Promise<Part> {
  const hash = createHash("sha256");
  let at = from.offset;
  const file = await open(path, "r+").catch((error: unknown) => {
    throw diskError(error);
  });
  let problem: unknown;
  try {
    try {
      for await (const chunk of from.bytes) {
        if (!(chunk instanceof Uint8Array)) continue;
        if (at + chunk.length > from.end) return { end: from.offset, sha256: hash.digest(), isTooLong: true };
        let written = 0;
        while (written < chunk.length) {
          const { bytesWritten } = await file.write(chunk, written, chunk.length - written, at + written);
          written += bytesWritten;
        }
        hash.update(chunk);
        at += chunk.length;
      }
    } catch (error) {
      problem = error;
    }
    // A reset connection is an end like any other; a full disk is not.
    if (problem instanceof Error && "syscall" in problem && problem.syscall === "write") throw diskError(problem);
    await file.datasync().catch((error: unknown) => {
      throw diskError(error);
    });
    return { end: at, sha256: new Uint8Array(hash.digest()), isTooLong: false };
  } finally {
    await file.close();
  }
}
