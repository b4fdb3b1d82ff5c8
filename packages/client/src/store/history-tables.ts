/**
 * What a device that comes back needs of others, and they of it (spec/groups.md §History).
 *
 *   history_asked   devices that this one asked, when, and how many bytes it still takes from each; see repair/asked.ts
 *   history_gaps    where this device was when it asked, and who was in then
 *   history_held    notes of those who were asked, until this device is in again; see repair/stored-history.ts
 *   traces          edits, deletions, reactions and votes with their evidence, see repair/traces.ts; they go with the row that they are about
 *   member_since    from which place in the timeline on an account that came later may read; see groups/member-since.ts
 */
export const HISTORY_TABLES: readonly string[] = [
  `CREATE TABLE history_asked (
  log BLOB NOT NULL, device BLOB NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (log, device)
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE history_gaps (
  log BLOB PRIMARY KEY, at INTEGER NOT NULL, members BLOB NOT NULL, anchor BLOB NOT NULL, cursor INTEGER NOT NULL, base INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE history_held (id INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, device BLOB NOT NULL, items BLOB NOT NULL) STRICT`,
  `CREATE INDEX history_held_by_log ON history_held (log, device)`,
  `CREATE TABLE traces (
  log BLOB NOT NULL, message_id BLOB NOT NULL, target BLOB NOT NULL, sender BLOB NOT NULL, seq INTEGER NOT NULL, role TEXT NOT NULL,
  content BLOB NOT NULL, evidence BLOB NOT NULL, PRIMARY KEY (log, message_id, sender)
) STRICT, WITHOUT ROWID`,
  `CREATE INDEX traces_by_target ON traces (log, target)`,
  `CREATE INDEX traces_by_seq ON traces (log, seq)`,
  `CREATE TRIGGER traces_of_removed AFTER DELETE ON messages WHEN old.message_id IS NOT NULL BEGIN
  DELETE FROM traces WHERE log = old.log AND target = old.message_id;
END`,
  `CREATE TRIGGER traces_of_deleted AFTER UPDATE OF kind ON messages WHEN new.kind = 'deleted' AND old.message_id IS NOT NULL BEGIN
  DELETE FROM traces WHERE log = old.log AND target = old.message_id AND role <> 'deletion';
END`,
  `CREATE TABLE member_since (log BLOB NOT NULL, account BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (log, account)) STRICT, WITHOUT ROWID`,
];
