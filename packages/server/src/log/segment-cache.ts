/** Segments that were read or written lately, up to a number of bytes, the least recent one out first. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ServerError } from "../server-error.ts";
import { bytesAt } from "../sqlite/columns.ts";
import type { Place } from "./log-index.ts";

const CACHE_BYTES = 16 * 1024 * 1024;

export class SegmentCache {
  readonly #select: StatementSync;
  readonly #blobs = new Map<number, Uint8Array>();
  #bytes = 0;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare("SELECT blob FROM seg WHERE id = ?");
  }

  entryAt({ seg, off, len }: Place): Uint8Array {
    return this.#segment(seg).subarray(off, off + len);
  }

  #segment(id: number): Uint8Array {
    const known = this.#blobs.get(id);
    if (known !== undefined) {
      this.#blobs.delete(id);
      this.#blobs.set(id, known);
      return known;
    }
    const row = this.#select.get(id);
    if (row === undefined) throw new ServerError("store_damaged");
    const blob = bytesAt(row, "blob");
    this.remember(id, blob);
    return blob;
  }

  remember(id: number, blob: Uint8Array): void {
    this.forget(id);
    this.#blobs.set(id, blob);
    this.#bytes += blob.length;
    for (const [oldId, old] of this.#blobs) {
      if (this.#bytes <= CACHE_BYTES) break;
      this.#blobs.delete(oldId);
      this.#bytes -= old.length;
    }
  }

  forget(id: number): void {
    const blob = this.#blobs.get(id);
    if (blob === undefined) return;
    this.#blobs.delete(id);
    this.#bytes -= blob.length;
  }
}
