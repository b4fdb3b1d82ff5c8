/** The vault once it is unlocked: what lies in it, putting in and taking out. */
import { openVaultRecord, sealVaultRecord } from "@sotto/core";
import { bytesToHex } from "@sotto/protocol";
import { type OpenFile, openSealed, sealFile } from "../archive/sealed-file.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Row, Statement } from "../ports.ts";
import { bytesIn, numberIn, sql, textIn } from "../store/statements.ts";
import type { VaultFiles } from "./vault-files.ts";
import { decodeEntry, encodeEntry, entryFile, keptFile, VAULT_LIMITS, type VaultEntry } from "./vault-record.ts";

export type VaultItem = {
  /** 16 bytes. */
  readonly item: Uint8Array;
  readonly addedAt: number;
  readonly kind: "text" | "file";
  readonly name: string;
  readonly tags: readonly string[];
  readonly from: string;
  readonly at: number;
  /** Media type and bytes of a file. */
  readonly type: string;
  readonly bytes: number;
};

export type NewItem = Pick<VaultEntry, "name" | "tags" | "from" | "at">;

const ID_BYTES = 16;

export class OpenVault {
  readonly #engine: Engine;
  readonly #files: VaultFiles;
  /** The vault's key, for another lock. */
  readonly key: Uint8Array;

  constructor(engine: Engine, files: VaultFiles, key: Uint8Array) {
    this.#engine = engine;
    this.#files = files;
    this.key = key;
  }

  /** Removes files that no item names: left over from a crash. */
  async sweep(): Promise<void> {
    const rows = await this.#engine.ports.store.all("SELECT file FROM vault_items WHERE file IS NOT NULL");
    const named = new Set(rows.map((row) => textIn(row, "file")));
    for (const name of await this.#files.vault.list()) if (!named.has(name)) await this.#files.vault.remove(name);
  }

  #entry(row: Row): VaultEntry {
    const sealed = { item: bytesIn(row, "item"), bytes: bytesIn(row, "record") };
    return decodeEntry(orThrow(openVaultRecord(this.key, sealed, this.#engine.context)));
  }

  #sealed(item: Uint8Array, entry: VaultEntry): Uint8Array {
    return sealVaultRecord(this.key, { item, bytes: encodeEntry(entry) }, this.#engine.context);
  }

  async #row(item: Uint8Array): Promise<Row> {
    const [row] = await this.#engine.ports.store.all("SELECT * FROM vault_items WHERE item = ?", [item]);
    if (row === undefined) throw new ClientError("vault_item_unknown");
    return row;
  }

  /** The latest first; only those with this tag. */
  async list(tag?: string): Promise<VaultItem[]> {
    const rows = await this.#engine.ports.store.all("SELECT * FROM vault_items ORDER BY added_at DESC, item");
    const items = rows.map((row): VaultItem => {
      const { name, tags, from, at, file } = this.#entry(row);
      const kind = file === undefined ? ("text" as const) : ("file" as const);
      const place = { item: bytesIn(row, "item"), addedAt: numberIn(row, "added_at") };
      return { ...place, kind, name, tags, from, at, type: file?.type ?? "text/plain", bytes: file?.bytes ?? 0 };
    });
    return tag === undefined ? items : items.filter(({ tags }) => tags.includes(tag));
  }

  /** `also`: statements of the same transaction. */
  async putText(text: string, about: NewItem, also: readonly Statement[] = []): Promise<Uint8Array> {
    const entry = { ...checked(about), text: text.slice(0, VAULT_LIMITS.textMax) };
    return this.#put(entry, null, also);
  }

  /** Throws what `open` throws; then nothing is kept. */
  async putFile(file: OpenFile, about: NewItem & { readonly type: string }, also: readonly Statement[] = []): Promise<Uint8Array> {
    if (file.bytes > VAULT_LIMITS.fileBytesMax) throw new ClientError("vault_file_large");
    const { ports } = this.#engine;
    const name = bytesToHex(ports.random(ID_BYTES));
    const writer = await this.#files.vault.create(name);
    try {
      const { keys, cipherHash, fileHash } = await sealFile(file, (bytes) => writer.write(bytes), ports);
      await writer.finish();
      const { type, ...rest } = about;
      const entry = { ...checked(rest), file: entryFile(type, { ...keys, cipherHash, fileHash, bytes: file.bytes }) };
      return await this.#put(entry, name, also);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  async #put(entry: VaultEntry, file: string | null, also: readonly Statement[]): Promise<Uint8Array> {
    const item = this.#engine.ports.random(ID_BYTES);
    const { now } = this.#engine.context;
    const put = sql("INSERT INTO vault_items VALUES (?, ?, ?, ?)", item, now, this.#sealed(item, entry), file);
    await this.#engine.ports.store.write([put, ...also]);
    return item;
  }

  /** The words of an item; undefined for a file. Throws {@link ClientError} `vault_item_unknown`, as all of the following do. */
  async text(item: Uint8Array): Promise<string | undefined> {
    return this.#entry(await this.#row(item)).text;
  }

  /** The bytes of an item, in pieces; see {@link openSealed} for `blob_damaged`. */
  async *open(item: Uint8Array): AsyncGenerator<Uint8Array> {
    const row = await this.#row(item);
    const { file } = this.#entry(row);
    const chunks = file && this.#files.vault.read(textIn(row, "file"));
    if (file === undefined || chunks === undefined) throw new ClientError("vault_item_unknown");
    yield* openSealed(keptFile(file), chunks, this.#engine.ports);
  }

  /** These tags and no others. */
  async setTags(item: Uint8Array, tags: readonly string[]): Promise<void> {
    const entry = this.#entry(await this.#row(item));
    const record = this.#sealed(item, { ...entry, tags: checkedTags(tags) });
    await this.#engine.ports.store.write([sql("UPDATE vault_items SET record = ? WHERE item = ?", record, item)]);
  }

  async remove(item: Uint8Array): Promise<void> {
    const { file } = await this.#row(item);
    await this.#engine.ports.store.write([sql("DELETE FROM vault_items WHERE item = ?", item)]);
    if (typeof file === "string") await this.#files.vault.remove(file);
  }
}

const checkedTags = (tags: readonly string[]): string[] =>
  [...new Set(tags.map((tag) => tag.trim().slice(0, VAULT_LIMITS.tagMax)))].filter((tag) => tag !== "").slice(0, VAULT_LIMITS.tagsMax);

const checked = ({ name, tags, from, at }: NewItem): NewItem => ({
  name: name.slice(0, VAULT_LIMITS.nameMax),
  tags: checkedTags(tags),
  from: from.slice(0, VAULT_LIMITS.nameMax),
  at,
});
