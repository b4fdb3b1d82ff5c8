/**
 * The vault (spec/vault.md): a shelf with a lock of its own. Without it the store tells how many items there are, when each was put in, and how
 * long it is; names, tags and words are sealed like the contents.
 *
 *   vault_lock    how the passphrase is stretched, and the vault's key sealed under what comes of it
 *   vault_items   one row for each: its sealed record, and the name of the encrypted file if it has one
 */
export const VAULT_TABLES: readonly string[] = [
  `CREATE TABLE vault_lock (only INTEGER PRIMARY KEY CHECK (only = 1), stretch_salt BLOB NOT NULL, lock BLOB NOT NULL) STRICT`,
  `CREATE TABLE vault_items (item BLOB PRIMARY KEY, added_at INTEGER NOT NULL, record BLOB NOT NULL, file TEXT) STRICT, WITHOUT ROWID`,
];
