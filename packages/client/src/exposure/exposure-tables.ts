/**
 * What the exposure report found (spec/exposure.md §Kept): never a value, only its mask and a keyed hash by which copies are known to be the same.
 *
 *   exposure_findings   one row for each place; goes with its message, and when the text or the files of that change
 *   exposure_marks      what the person said of a copy in a message: that it may stay
 *   exposure_reminders  whom to ask to delete a copy, from when on; stays when the own copy goes
 *   exposure_state      which version of the detectors looked at the messages up to which row
 *   exposure_due        rows before that which changed and are to be looked at again
 */
const SEEN = "old.id <= (SELECT through FROM exposure_state)";

export const EXPOSURE_TABLES: readonly string[] = [
  `CREATE TABLE exposure_findings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL, log BLOB NOT NULL, part TEXT NOT NULL, file BLOB, kind TEXT NOT NULL,
  level TEXT NOT NULL, what TEXT NOT NULL, masked TEXT NOT NULL, copy BLOB NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
) STRICT`,
  `CREATE INDEX exposure_findings_by_message ON exposure_findings (message)`,
  `CREATE INDEX exposure_findings_by_log ON exposure_findings (log)`,
  `CREATE TABLE exposure_marks (
  message INTEGER NOT NULL, copy BLOB NOT NULL, mark TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (message, copy, mark)
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE exposure_state (only INTEGER PRIMARY KEY CHECK (only = 1), through INTEGER NOT NULL, version INTEGER NOT NULL) STRICT`,
  `INSERT INTO exposure_state VALUES (1, 0, 0)`,
  `CREATE TABLE exposure_due (message INTEGER PRIMARY KEY) STRICT`,
  `CREATE TRIGGER exposure_of_removed AFTER DELETE ON messages WHEN ${SEEN} BEGIN
  DELETE FROM exposure_findings WHERE message = old.id;
  DELETE FROM exposure_marks WHERE message = old.id;
  DELETE FROM exposure_due WHERE message = old.id;
END`,
  `CREATE TRIGGER exposure_of_changed AFTER UPDATE OF text, imported ON messages
WHEN ${SEEN} AND (old.text <> new.text OR old.imported IS NOT new.imported) BEGIN
  DELETE FROM exposure_findings WHERE message = old.id;
  INSERT OR IGNORE INTO exposure_due VALUES (old.id);
END`,
];

export const EXPOSURE_REMINDERS: readonly string[] = [
  `CREATE TABLE exposure_reminders (
  id INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, sent_at INTEGER NOT NULL, what TEXT NOT NULL, masked TEXT NOT NULL, due_at INTEGER NOT NULL
) STRICT`,
];
