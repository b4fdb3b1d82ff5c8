import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { describeAccountStore } from "../../test/account-store-suite.ts";
import { describeInboxStore } from "../../test/inbox-store-suite.ts";
import { TestPerson } from "../../test/support/people.ts";
import { newFolder } from "../../test/support/started.ts";
import { inviteHash } from "../admin/invite.ts";
import { openDatabase } from "../sqlite/database.ts";
import { GroupCommit } from "../sqlite/group-commit.ts";
import { ACCOUNT_SCHEMA } from "./account-schema.ts";
import { SqliteAccountStore } from "./sqlite-account-store.ts";
import { SqliteInboxStore } from "./sqlite-inbox-store.ts";

/** A file that is closed after the test, and whose store can be opened anew. */
function onFile<Store>(make: (database: DatabaseSync) => Store) {
  const path = join(newFolder(), "accounts.db");
  let database = openDatabase(path, ACCOUNT_SCHEMA);
  onTestFinished(() => database.close());
  const reopen = (): Promise<Store> => {
    database.close();
    database = openDatabase(path, ACCOUNT_SCHEMA);
    return Promise.resolve(make(database));
  };
  return { store: make(database), reopen, database: () => database };
}

describeAccountStore("SQLite", () => {
  const { store, reopen, database } = onFile((file) => new SqliteAccountStore(file, new GroupCommit(file)));
  const invite = (code: string, uses: number): void => {
    database().prepare("INSERT INTO invite VALUES (?, ?)").run(inviteHash(code), uses);
  };
  return Promise.resolve({ store, reopen, invite });
});

describeInboxStore("SQLite", () => {
  const { store, reopen, database } = onFile((file) => new SqliteInboxStore(file, new GroupCommit(file)));
  const place = async () => {
    const { account, entries, first } = new TestPerson();
    const accounts = new SqliteAccountStore(database(), new GroupCommit(database()));
    await accounts.register({ account, genesis: entries[0] ?? new Uint8Array(), username: null, invite: undefined });
    return { account, device: first.id };
  };
  return Promise.resolve({ store, reopen, place });
});
