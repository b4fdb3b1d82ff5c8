/**
 * What talking needs beyond the first tables: a conversation's own settings, drafts, votes, and when messages disappear.
 *
 *   conversations.muted_until   milliseconds since 1970; 0 for not muted
 *   conversations.timer         seconds after which messages disappear, as the group's state says; 0 for never
 *   messages.expires_after      seconds after it was read (own ones: sent), NULL for never
 *   messages.expires_at         milliseconds since 1970, once that time runs
 *   votes                       the last vote of each person on each poll, `choices` as CBOR list of indices
 */
/** Who invited, since what they sent is hidden while they are blocked; and which messages wait for being read to disappear. */
export const TALK_MORE: readonly string[] = [
  `ALTER TABLE conversations ADD COLUMN inviter BLOB`,
  `ALTER TABLE votes ADD COLUMN at INTEGER NOT NULL DEFAULT 0`,
  `CREATE INDEX messages_to_expire ON messages (log, seq) WHERE expires_after IS NOT NULL AND expires_at IS NULL`,
];

export const TALK_TABLES: readonly string[] = [
  `ALTER TABLE conversations ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE conversations ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE conversations ADD COLUMN is_archived INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE conversations ADD COLUMN timer INTEGER NOT NULL DEFAULT 0`,
  `CREATE TABLE drafts (log BLOB PRIMARY KEY, text TEXT NOT NULL, reply_to BLOB, updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `ALTER TABLE messages ADD COLUMN expires_after INTEGER`,
  `ALTER TABLE messages ADD COLUMN expires_at INTEGER`,
  `CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL`,
  `CREATE INDEX messages_unsent ON messages (log, id) WHERE seq IS NULL`,
  `CREATE TABLE votes (
  log BLOB NOT NULL, target BLOB NOT NULL, account BLOB NOT NULL, choices BLOB NOT NULL, PRIMARY KEY (log, target, account)
) STRICT, WITHOUT ROWID`,
];
