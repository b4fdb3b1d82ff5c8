/** Tables of accounts.db (spec/server.md §Storage). Nothing here names a log, and nothing in logs.db names an account. */
import type { Schema } from "../sqlite/database.ts";

export const ACCOUNT_SCHEMA: Schema = {
  migrations: [
    `
    CREATE TABLE account (
      number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, length INTEGER NOT NULL, contact BLOB, gate BLOB,
      strangers INTEGER NOT NULL DEFAULT 1, tokens_day INTEGER NOT NULL DEFAULT 0, tokens_used INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE chain (
      account INTEGER NOT NULL REFERENCES account, idx INTEGER NOT NULL, entry BLOB NOT NULL, PRIMARY KEY (account, idx)
    ) WITHOUT ROWID;
    CREATE TABLE username (name TEXT PRIMARY KEY, account INTEGER NOT NULL UNIQUE REFERENCES account) WITHOUT ROWID;
    CREATE TABLE key_package (
      id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account, device BLOB NOT NULL, last_resort INTEGER NOT NULL, bytes BLOB NOT NULL
    );
    CREATE INDEX key_package_device ON key_package (account, device, last_resort, id);
    CREATE TABLE inbox (
      number INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account, device BLOB NOT NULL,
      head INTEGER NOT NULL, first INTEGER NOT NULL, UNIQUE (account, device)
    );
    CREATE TABLE inbox_item (
      inbox INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE, seq INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (inbox, seq)
    ) WITHOUT ROWID;
    CREATE TABLE inbox_seen (
      inbox INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE, item_id BLOB NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (inbox, item_id)
    ) WITHOUT ROWID;
    CREATE INDEX inbox_seen_day ON inbox_seen (day);
    CREATE TABLE invite (hash BLOB PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
    `,
    `
    CREATE TABLE kept (account INTEGER PRIMARY KEY REFERENCES account, bytes BLOB NOT NULL);
    `,
    // The size of a stranger's item, 0 for one of a contact.
    `
    ALTER TABLE inbox_item ADD COLUMN stranger_bytes INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX inbox_item_stranger ON inbox_item (inbox, stranger_bytes) WHERE stranger_bytes > 0;
    `,
  ],
};
