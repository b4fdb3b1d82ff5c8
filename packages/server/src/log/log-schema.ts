/**
 * Tables of logs.db (spec/server.md §Storage). `seg` is the truth; `log`, `epoch`, `ix` and `ids` follow it lazily up to `indexed.through`, and
 * what is missing is replayed at the start.
 */
import type { Schema } from "../sqlite/database.ts";

export const LOG_SCHEMA: Schema = {
  migrations: [
    `
    CREATE TABLE seg (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, blob BLOB NOT NULL);
    CREATE TABLE indexed (only INTEGER PRIMARY KEY CHECK (only = 1), through INTEGER NOT NULL);
    INSERT INTO indexed VALUES (1, 0);
    CREATE TABLE log (
      number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, created_epoch INTEGER NOT NULL,
      epoch INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, accepted_at INTEGER NOT NULL
    );
    CREATE TABLE epoch (
      log INTEGER NOT NULL, epoch INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER, read BLOB NOT NULL, write BLOB NOT NULL,
      PRIMARY KEY (log, epoch)
    ) WITHOUT ROWID;
    CREATE TABLE ix (
      log INTEGER NOT NULL, seq INTEGER NOT NULL, seg INTEGER NOT NULL, off INTEGER NOT NULL, len INTEGER NOT NULL,
      PRIMARY KEY (log, seq)
    ) WITHOUT ROWID;
    CREATE TABLE ids (log INTEGER NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (log, id)) WITHOUT ROWID;
    CREATE TABLE spent (nonce BLOB PRIMARY KEY, key BLOB NOT NULL, purpose BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE blob (
      id BLOB PRIMARY KEY, size INTEGER NOT NULL, offset INTEGER NOT NULL, write BLOB NOT NULL, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX blob_expiry ON blob (expires_at);
    CREATE TABLE blob_part (
      blob BLOB NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, sha256 BLOB NOT NULL, PRIMARY KEY (blob, start)
    ) WITHOUT ROWID;
    `,
  ],
};
