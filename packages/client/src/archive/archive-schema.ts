/**
 * Tables of imported history (spec/client-store.md §Imported history). Imported messages are rows of `messages` like live ones, so that one timeline and
 * one search hold both; they have state `imported`, and in `imported` what a live message does not have.
 *
 *   messages.local_id        the archive's message id: conversation, time, identity, so the same message is the same row
 *   messages.imported        JSON of the record without what has a column of its own; `source.path` is a number of archive_files
 *   archive_conversations    one row for each imported conversation; `live_log` is the one in which it goes on
 *   archive_keys             what a service tells a conversation apart by, and the names by which two exports are joined
 *   archive_people           people as services know them; `merged_into` makes several of them one
 *   archive_media            files, once for each content; the bytes lie beside the store, encrypted under `key`
 *   archive_imports          how far an import came
 */
export const ARCHIVE_TABLES: readonly string[] = [
  "ALTER TABLE messages ADD COLUMN imported TEXT",
  "CREATE INDEX messages_imported ON messages (substr(local_id, 1, 14)) WHERE state = 'imported'",
  `CREATE TABLE archive_conversations (
  log BLOB PRIMARY KEY, service TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, messages INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER, last_at INTEGER, live_log BLOB
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE archive_keys (service TEXT NOT NULL, key TEXT NOT NULL, log BLOB NOT NULL, is_join INTEGER NOT NULL,
  PRIMARY KEY (service, is_join, key, log)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE archive_people (
  person BLOB PRIMARY KEY, service TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, is_placeholder INTEGER NOT NULL,
  is_me INTEGER NOT NULL DEFAULT 0, merged_into BLOB
) STRICT, WITHOUT ROWID`,
  "CREATE TABLE archive_members (log BLOB NOT NULL, person BLOB NOT NULL, PRIMARY KEY (log, person)) STRICT, WITHOUT ROWID",
  "CREATE TABLE archive_files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT",
  `CREATE TABLE archive_media (
  hash BLOB PRIMARY KEY, bytes INTEGER NOT NULL, name TEXT NOT NULL UNIQUE, key BLOB NOT NULL, nonce_prefix BLOB NOT NULL,
  cipher_hash BLOB NOT NULL
) STRICT, WITHOUT ROWID`,
  "CREATE TABLE archive_imports (id TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) STRICT, WITHOUT ROWID",
];
