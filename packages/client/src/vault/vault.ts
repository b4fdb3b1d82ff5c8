/** The vault as an application sees it: `client.vault(files)`. Locked until somebody has its passphrase; needs no account and no connection. */
import { createVaultKey, lockVault, unlockVault } from "@sotto/core";
import { logId, type LogId, toId } from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { exposedMessage } from "../exposure/removal.ts";
import type { Row } from "../ports.ts";
import { bytesIn, sql } from "../store/statements.ts";
import { type Moving, moveToVault } from "./move-to-vault.ts";
import { OpenVault } from "./open-vault.ts";
import type { VaultFiles } from "./vault-files.ts";

/** Makes 32 bytes of a passphrase and a salt, slowly: what the platform has for that. */
export type Stretch = (salt: Uint8Array) => Uint8Array | Promise<Uint8Array>;

const STRETCH_SALT_BYTES = 16;

export class Vault {
  readonly #engine: Engine;
  readonly #files: VaultFiles;

  constructor(engine: Engine, files: VaultFiles) {
    this.#engine = engine;
    this.#files = files;
  }

  async #lock(): Promise<Row | undefined> {
    const [row] = await this.#engine.ports.store.all("SELECT stretch_salt, lock FROM vault_lock");
    return row;
  }

  async isMade(): Promise<boolean> {
    return (await this.#lock()) !== undefined;
  }

  /** Makes an empty vault. Throws {@link ClientError} `vault_exists`. There is no way back into it without the passphrase. */
  async make(stretch: Stretch): Promise<OpenVault> {
    if (await this.isMade()) throw new ClientError("vault_exists");
    return this.#locked(createVaultKey(this.#engine.context), stretch);
  }

  /** Throws {@link ClientError}: `vault_none`, `vault_passphrase`. */
  async unlock(stretch: Stretch): Promise<OpenVault> {
    const row = await this.#lock();
    if (row === undefined) throw new ClientError("vault_none");
    const secret = await stretch(bytesIn(row, "stretch_salt"));
    const key = unlockVault(bytesIn(row, "lock"), secret, this.#engine.context);
    if (!key.ok && key.code === "unlock_failed") throw new ClientError("vault_passphrase");
    const open = new OpenVault(this.#engine, this.#files, orThrow(key));
    await open.sweep();
    return open;
  }

  /** Another passphrase for the same vault. */
  async changeLock(from: Stretch, to: Stretch): Promise<void> {
    const { key } = await this.unlock(from);
    await this.#locked(key, to);
  }

  /** Where a finding of the exposure report is. Throws {@link ClientError} `exposure_unknown`. */
  async conversationOf(finding: number): Promise<LogId> {
    const { row } = await exposedMessage(this.#engine.ports.store, finding);
    return toId(logId, bytesIn(row, "log"));
  }

  /** See {@link moveToVault}. */
  move(vault: OpenVault, moving: Moving): Promise<Uint8Array> {
    return moveToVault({ engine: this.#engine, files: this.#files, vault }, moving);
  }

  async #locked(key: Uint8Array, stretch: Stretch): Promise<OpenVault> {
    const salt = this.#engine.ports.random(STRETCH_SALT_BYTES);
    const lock = orThrow(lockVault(key, await stretch(salt), this.#engine.context));
    const put =
      "INSERT INTO vault_lock VALUES (1, ?, ?) ON CONFLICT (only) DO UPDATE SET stretch_salt = excluded.stretch_salt, lock = excluded.lock";
    await this.#engine.ports.store.write([sql(put, salt, lock)]);
    return new OpenVault(this.#engine, this.#files, key);
  }
}
