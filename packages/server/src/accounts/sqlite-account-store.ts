/** Accounts in SQLite (spec/server.md §Accounts). Changes go through the group commit that inboxes use too. */
import type { DatabaseSync } from "node:sqlite";
import {
  accountId,
  type AccountId,
  type DeviceId,
  failure,
  LIMITS,
  type Outcome,
  parseAddress,
  success,
  toId,
  type Username,
} from "@sotto/protocol";
import { ServerError } from "../server-error.ts";
import { bytesAt, nullableBytesAt, numberAt } from "../sqlite/columns.ts";
import type { GroupCommit } from "../sqlite/group-commit.ts";
import type {
  AccountStore,
  AddedPackages,
  ChainAppend,
  ChainPart,
  ClaimedPackage,
  DevicePlace,
  InboxAccess,
  NewAccount,
  TokenGrant,
} from "./account-store.ts";

const prepare = (db: DatabaseSync) => ({
  byId: db.prepare("SELECT number, length, contact, gate, strangers, tokens_day, tokens_used FROM account WHERE id = ?"),
  insert: db.prepare("INSERT INTO account (id, length) VALUES (?, 1)"),
  setLength: db.prepare("UPDATE account SET length = ? WHERE number = ?"),
  setAccess: db.prepare("UPDATE account SET contact = ?, gate = ?, strangers = ? WHERE number = ?"),
  setTokens: db.prepare("UPDATE account SET tokens_day = ?, tokens_used = ? WHERE number = ?"),
  insertChain: db.prepare("INSERT INTO chain VALUES (?, ?, ?)"),
  chain: db.prepare("SELECT entry FROM chain WHERE account = ? AND idx >= ? ORDER BY idx LIMIT ?"),
  nameOwner: db.prepare(
    "SELECT account.id AS id, account.gate AS gate FROM username JOIN account ON account.number = username.account WHERE name = ?",
  ),
  nameOf: db.prepare("SELECT name FROM username WHERE account = ?"),
  dropName: db.prepare("DELETE FROM username WHERE account = ?"),
  insertName: db.prepare("INSERT INTO username VALUES (?, ?)"),
  countPackages: db.prepare("SELECT count(*) AS n FROM key_package WHERE account = ? AND device = ? AND last_resort = ?"),
  insertPackage: db.prepare("INSERT INTO key_package (account, device, last_resort, bytes) VALUES (?, ?, ?, ?)"),
  dropSingle: db.prepare("DELETE FROM key_package WHERE account = ? AND device = ? AND last_resort = 0"),
  dropLastResort: db.prepare("DELETE FROM key_package WHERE account = ? AND device = ? AND last_resort = 1"),
  nextPackage: db.prepare(
    "SELECT id, last_resort, bytes FROM key_package WHERE account = ? AND device = ? ORDER BY last_resort, id LIMIT 1",
  ),
  dropPackage: db.prepare("DELETE FROM key_package WHERE id = ?"),
  dropPackages: db.prepare("DELETE FROM key_package WHERE account = ? AND device = ?"),
  dropInbox: db.prepare("DELETE FROM inbox WHERE account = ? AND device = ?"),
  kept: db.prepare("SELECT bytes FROM kept WHERE account = ?"),
  keep: db.prepare("INSERT INTO kept VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET bytes = excluded.bytes"),
  useInvite: db.prepare("UPDATE invite SET uses = uses - 1 WHERE hash = ? AND uses > 0"),
  dropInvites: db.prepare("DELETE FROM invite WHERE uses <= 0"),
});

export class SqliteAccountStore implements AccountStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #commit: GroupCommit;

  constructor(database: DatabaseSync, commit: GroupCommit) {
    this.#sql = prepare(database);
    this.#commit = commit;
  }

  #row(account: AccountId) {
    const row = this.#sql.byId.get(account);
    return row === undefined ? undefined : { number: numberAt(row, "number"), length: numberAt(row, "length"), row };
  }

  #known(account: AccountId) {
    const row = this.#row(account);
    if (row === undefined) throw new ServerError("account_unknown");
    return row;
  }

  register({ account, genesis, username, invite }: NewAccount): Promise<Outcome<null>> {
    return this.#commit.run(() => {
      if (this.#row(account) !== undefined) return failure("account_exists");
      if (username !== null && this.#sql.nameOwner.get(username) !== undefined) return failure("username_taken");
      if (invite !== undefined) {
        if (this.#sql.useInvite.run(invite).changes === 0) return failure("invite_invalid");
        this.#sql.dropInvites.run();
      }
      this.#sql.insert.run(account);
      const { number } = this.#known(account);
      this.#sql.insertChain.run(number, 0, genesis);
      if (username !== null) this.#sql.insertName.run(username, number);
      return success(null);
    });
  }

  chain(account: AccountId, { from, count }: { readonly from: number; readonly count: number }): Promise<ChainPart | undefined> {
    const known = this.#row(account);
    if (known === undefined) return Promise.resolve(undefined);
    const entries = this.#sql.chain.all(known.number, from, count).map((row) => bytesAt(row, "entry"));
    return Promise.resolve({ entries, length: known.length });
  }

  appendChain({ account, entry, index, removed }: ChainAppend): Promise<"appended" | "conflict"> {
    return this.#commit.run(() => {
      const { number, length } = this.#known(account);
      if (length !== index) return "conflict";
      this.#sql.insertChain.run(number, index, entry);
      this.#sql.setLength.run(index + 1, number);
      for (const device of removed) {
        this.#sql.dropPackages.run(number, device);
        this.#sql.dropInbox.run(number, device);
      }
      return "appended";
    });
  }

  setUsername(account: AccountId, username: Username | null): Promise<Outcome<null>> {
    return this.#commit.run(() => {
      const { number } = this.#known(account);
      const owner = username === null ? undefined : this.#sql.nameOwner.get(username);
      if (owner !== undefined && Buffer.compare(bytesAt(owner, "id"), account) !== 0) return failure("username_taken");
      this.#sql.dropName.run(number);
      if (username !== null) this.#sql.insertName.run(username, number);
      return success(null);
    });
  }

  kept(account: AccountId): Promise<Uint8Array | undefined> {
    const row = this.#sql.kept.get(this.#known(account).number);
    return Promise.resolve(row && bytesAt(row, "bytes"));
  }

  keep(account: AccountId, bytes: Uint8Array): Promise<void> {
    return this.#commit.run(() => {
      this.#sql.keep.run(this.#known(account).number, bytes);
    });
  }

  lookUp(username: Username): Promise<{ readonly account: AccountId; readonly gated: boolean } | undefined> {
    const row = this.#sql.nameOwner.get(username);
    if (row === undefined) return Promise.resolve(undefined);
    return Promise.resolve({ account: toId(accountId, bytesAt(row, "id")), gated: nullableBytesAt(row, "gate") !== undefined });
  }

  nameOf(account: AccountId): Promise<Username | null | undefined> {
    const known = this.#row(account);
    const row = known && this.#sql.nameOf.get(known.number);
    const address = row && parseAddress(String(row["name"]));
    return Promise.resolve(address?.ok === true ? address.value.username : known && null);
  }

  access(account: AccountId): Promise<InboxAccess | undefined> {
    const known = this.#row(account);
    if (known === undefined) return Promise.resolve(undefined);
    const { row } = known;
    return Promise.resolve({
      contact: nullableBytesAt(row, "contact") ?? null,
      gate: nullableBytesAt(row, "gate") ?? null,
      strangers: numberAt(row, "strangers") === 1,
    });
  }

  setAccess(account: AccountId, { contact, gate, strangers }: InboxAccess): Promise<void> {
    return this.#commit.run(() => {
      this.#sql.setAccess.run(contact, gate, strangers ? 1 : 0, this.#known(account).number);
    });
  }

  #count(number: number, device: DeviceId, lastResort: 0 | 1): number {
    return numberAt(this.#sql.countPackages.get(number, device, lastResort) ?? {}, "n");
  }

  addKeyPackages({ account, device }: DevicePlace, { packages, lastResort, replacesAll }: AddedPackages): Promise<number | undefined> {
    return this.#commit.run(() => {
      const { number } = this.#known(account);
      const kept = (replacesAll ? 0 : this.#count(number, device, 0)) + packages.length;
      if (kept > LIMITS.keyPackagesPerDeviceMax) return undefined;
      if (replacesAll) this.#sql.dropSingle.run(number, device);
      for (const bytes of packages) this.#sql.insertPackage.run(number, device, 0, bytes);
      if (lastResort !== null) {
        this.#sql.dropLastResort.run(number, device);
        this.#sql.insertPackage.run(number, device, 1, lastResort);
      }
      return kept;
    });
  }

  claimKeyPackages(account: AccountId, devices: readonly DeviceId[]): Promise<readonly ClaimedPackage[]> {
    return this.#commit.run(() => {
      const { number } = this.#known(account);
      return devices.map((device): ClaimedPackage => {
        const row = this.#sql.nextPackage.get(number, device);
        if (row === undefined) return { device, keyPackage: null, isLastResort: false, left: 0 };
        const isLastResort = numberAt(row, "last_resort") === 1;
        if (!isLastResort) this.#sql.dropPackage.run(numberAt(row, "id"));
        return { device, keyPackage: bytesAt(row, "bytes"), isLastResort, left: this.#count(number, device, 0) };
      });
    });
  }

  countKeyPackages({ account, device }: DevicePlace): Promise<{ readonly single: number; readonly hasLastResort: boolean }> {
    const { number } = this.#known(account);
    return Promise.resolve({ single: this.#count(number, device, 0), hasLastResort: this.#count(number, device, 1) > 0 });
  }

  grantTokens({ account, count, day, perDay }: TokenGrant): Promise<boolean> {
    return this.#commit.run(() => {
      const { number, row } = this.#known(account);
      const used = (numberAt(row, "tokens_day") === day ? numberAt(row, "tokens_used") : 0) + count;
      if (used > perDay) return false;
      this.#sql.setTokens.run(day, used, number);
      return true;
    });
  }

  tokensUsed(account: AccountId, day: number): Promise<number> {
    const { row } = this.#known(account);
    return Promise.resolve(numberAt(row, "tokens_day") === day ? numberAt(row, "tokens_used") : 0);
  }

  close(): Promise<void> {
    this.#commit.flush();
    return Promise.resolve();
  }
}
