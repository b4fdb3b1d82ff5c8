/**
 * Files of imported messages: each content once, encrypted as blobs are (spec/blobs.md), under a random name. A file is on the disk before the row that
 * names it; one without a row is left over from an import that was cut short, and is removed when the next one begins.
 */
import type { RunningHash } from "@sotto/core";
import { bytesToBase64url, bytesToHex } from "@sotto/protocol";
import type { Ports, Statement } from "../ports.ts";
import { bytesIn, numberIn, sql, textIn } from "../store/statements.ts";
import type { MediaFiles } from "./media-files.ts";
import { type OpenFile, openSealed, sealFile } from "./sealed-file.ts";

export type ShelfContext = Pick<Ports, "store" | "crypto" | "random"> & {
  readonly files: MediaFiles;
  readonly createSha256: () => RunningHash;
};

export type KeptFile = { readonly sha256: Uint8Array; readonly head: Uint8Array; readonly isNew: boolean };

const NAME_BYTES = 16;

export class MediaShelf {
  readonly #context: ShelfContext;
  readonly #pending = new Map<string, Statement>();

  constructor(context: ShelfContext) {
    this.#context = context;
  }

  /** Throws what `open` throws; then nothing is kept. */
  async keep(file: OpenFile): Promise<KeptFile> {
    const { files, random } = this.#context;
    const name = bytesToHex(random(NAME_BYTES));
    const writer = await files.create(name);
    try {
      const sealed = await sealFile(file, (bytes) => writer.write(bytes), this.#context);
      const id = bytesToBase64url(sealed.fileHash);
      const [known] = await this.#context.store.all("SELECT 1 FROM archive_media WHERE hash = ?", [sealed.fileHash]);
      if (known !== undefined || this.#pending.has(id)) {
        await writer.abandon();
        return { sha256: sealed.fileHash, head: sealed.head, isNew: false };
      }
      await writer.finish();
      const { key, noncePrefix } = sealed.keys;
      const row = sql(
        "INSERT OR IGNORE INTO archive_media VALUES (?, ?, ?, ?, ?, ?)",
        sealed.fileHash,
        file.bytes,
        name,
        key,
        noncePrefix,
        sealed.cipherHash,
      );
      this.#pending.set(id, row);
      return { sha256: sealed.fileHash, head: sealed.head, isNew: true };
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  /** Rows of the files that were kept since the last call: to be written with what names them. */
  takeRows(): Statement[] {
    const rows = [...this.#pending.values()];
    this.#pending.clear();
    return rows;
  }

  /**
   * The bytes of a file, in pieces. They are checked as they come, and as a whole at the end: who passes them on before must take them back if this throws
   * `blob_damaged`. Nothing at all if there is no such file.
   */
  async *open(hash: Uint8Array): AsyncGenerator<Uint8Array> {
    const { store, files } = this.#context;
    const [row] = await store.all("SELECT * FROM archive_media WHERE hash = ?", [hash]);
    const chunks = row && files.read(textIn(row, "name"));
    if (row === undefined || chunks === undefined) return;
    const keys = { key: bytesIn(row, "key"), noncePrefix: bytesIn(row, "nonce_prefix") };
    const hashes = { fileHash: hash, cipherHash: bytesIn(row, "cipher_hash") };
    yield* openSealed({ bytes: numberIn(row, "bytes"), ...keys, ...hashes }, chunks, this.#context);
  }

  /** Removes files that no row names. */
  async sweep(): Promise<void> {
    const { store, files } = this.#context;
    const named = new Set((await store.all("SELECT name FROM archive_media")).map((row) => textIn(row, "name")));
    for (const name of await files.list()) if (!named.has(name)) await files.remove(name);
  }
}
