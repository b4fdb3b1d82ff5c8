/**
 * Files of messages (spec/client-store.md §Attachments).
 *
 *   attachments    one row for each; goes with the message, and when that is taken back
 *   uploads        those that are on their way to the server, so that an interrupted upload goes on
 *   upload_marks   hashes of the pieces of those that may have left
 */
export const ATTACHMENT_TABLES: readonly string[] = [
  `CREATE TABLE attachments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, local_id BLOB NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
  description TEXT NOT NULL, size INTEGER NOT NULL, blob BLOB NOT NULL, expires INTEGER NOT NULL, key BLOB NOT NULL, nonce_prefix BLOB NOT NULL,
  cipher_hash BLOB NOT NULL, file_hash BLOB NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
  blurhash TEXT NOT NULL, thumbnail_type TEXT NOT NULL, thumbnail BLOB, waveform BLOB NOT NULL, is_voice_note INTEGER NOT NULL,
  is_view_once INTEGER NOT NULL, UNIQUE (local_id, place)
) STRICT`,
  `CREATE TABLE uploads (
  local_id BLOB NOT NULL, place INTEGER NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL, token BLOB NOT NULL, total INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (local_id, place)
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE upload_marks (
  local_id BLOB NOT NULL, place INTEGER NOT NULL, piece INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (local_id, place, piece)
) STRICT, WITHOUT ROWID`,
  `CREATE VIRTUAL TABLE attachments_text USING fts5(name, content='attachments', content_rowid='id', tokenize='trigram', detail='full')`,
  `CREATE TRIGGER attachments_added AFTER INSERT ON attachments BEGIN
  INSERT INTO attachments_text (rowid, name) VALUES (new.id, new.name);
END`,
  `CREATE TRIGGER attachments_removed AFTER DELETE ON attachments BEGIN
  INSERT INTO attachments_text (attachments_text, rowid, name) VALUES ('delete', old.id, old.name);
END`,
  `CREATE TRIGGER attachments_of_removed AFTER DELETE ON messages BEGIN
  DELETE FROM attachments WHERE local_id = old.local_id;
  DELETE FROM uploads WHERE local_id = old.local_id;
  DELETE FROM upload_marks WHERE local_id = old.local_id;
END`,
  `CREATE TRIGGER attachments_of_deleted AFTER UPDATE OF kind ON messages WHEN new.kind = 'deleted' BEGIN
  DELETE FROM attachments WHERE local_id = new.local_id;
END`,
  `CREATE INDEX attachments_by_name ON attachments (id, name, local_id)`,
  `INSERT INTO attachments_text (attachments_text, rank) VALUES ('secure-delete', 1)`,
];
