/**
 * The tables of a profile (spec/client-store.md), the same on every platform. `user_version` counts the migrations that were run.
 *
 *   settings       what there is one of: keys of the device, account, server, cursor of the inbox
 *   chains         identity chains as last fetched, entries joined as CBOR
 *   contacts       people: what they call themselves, whether that name was checked, whether they are blocked
 *   key_packages   private halves of what was published
 *   conversations  one row each; `cursor` is the sequence number that is read next
 *   records        the state of each conversation in parts, so that a message writes little
 *   outbox         what is to leave, oldest first in each lane; deleted when its effect is seen
 *   messages       the timeline; one row for each entry that shows, and for what is being sent
 *   own_due        what the own devices are to hear, until it is read back from the log of the self group
 *   inbox_taken    ids of inbox items that were taken
 *   own_settings   settings that the own devices share
 *   conversation_marks   what own devices said of conversations, also of those that this one is not in yet
 *   master_keys    by generation; the newest counts
 *   places         where the entries of each conversation are: MLS group, log at the server, what its repair waits for
 *   anchors        the logs that conversations went on in after a break
 *   sent           own entries of the last days, to be sent again if the server loses them
 *   undelivered    people whom an invitation did not reach, and why
 *   held           invitations into groups that this device is in, as far as it knows
 *   history_asked, history_gaps, history_held, traces, member_since   see history-tables.ts
 *   messages_text  trigrams of `messages.text` up to row `search_state.through`, by moment (search-order.ts), so that any part of a word is found; beside them one trigram that
 *                  stands for the conversation. Triggers keep it in step with changes of rows that are in it.
 *   messages_terms its trigrams
 *
 * Those of attachments, imported history, the exposure report and the vault are described where they are made.
 */
import { ARCHIVE_TABLES } from "../archive/archive-schema.ts";
import { EXPOSURE_REMINDERS, EXPOSURE_TABLES } from "../exposure/exposure-tables.ts";
import { VAULT_TABLES } from "../vault/vault-tables.ts";
import { ATTACHMENT_TABLES } from "./attachment-tables.ts";
import { HISTORY_TABLES } from "./history-tables.ts";
import { SEARCH_ORDER } from "./search-order.ts";
import { SEARCH_TABLES } from "./search-tables.ts";
import { TALK_MORE, TALK_TABLES } from "./talk-tables.ts";

const FIRST = [
  `CREATE TABLE settings (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE chains (account BLOB PRIMARY KEY, entries BLOB NOT NULL, fetched_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE contacts (
  account BLOB PRIMARY KEY, username TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '', is_checked INTEGER NOT NULL DEFAULT 0,
  is_blocked INTEGER NOT NULL DEFAULT 0, contact_token BLOB
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE key_packages (id INTEGER PRIMARY KEY, stored BLOB NOT NULL, is_last_resort INTEGER NOT NULL, is_published INTEGER NOT NULL) STRICT`,
  `CREATE TABLE conversations (
  log BLOB PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL, peer BLOB, cursor INTEGER NOT NULL,
  read_seq INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL, trouble TEXT
) STRICT, WITHOUT ROWID`,
  `CREATE INDEX conversations_by_peer ON conversations (peer) WHERE peer IS NOT NULL`,
  `CREATE TABLE records (log BLOB NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (log, key)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, log BLOB NOT NULL, local_id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL,
  draft BLOB NOT NULL, request BLOB, entry_id BLOB, staged BLOB, is_accepted INTEGER NOT NULL DEFAULT 0
) STRICT`,
  `CREATE INDEX outbox_by_entry ON outbox (log, entry_id) WHERE entry_id IS NOT NULL`,
  `CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, local_id BLOB NOT NULL UNIQUE, log BLOB NOT NULL, seq INTEGER, message_id BLOB, sender BLOB NOT NULL,
  at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, content BLOB, state TEXT NOT NULL, reply_to BLOB, edited_at INTEGER,
  evidence BLOB, receipt_due TEXT
) STRICT`,
  `CREATE UNIQUE INDEX messages_by_seq ON messages (log, seq) WHERE seq IS NOT NULL`,
  `CREATE INDEX messages_by_message_id ON messages (message_id, log) WHERE message_id IS NOT NULL`,
  `CREATE INDEX messages_with_receipt_due ON messages (log) WHERE receipt_due IS NOT NULL`,
  `CREATE TABLE reactions (
  log BLOB NOT NULL, target BLOB NOT NULL, account BLOB NOT NULL, message_id BLOB NOT NULL, emoji TEXT NOT NULL,
  PRIMARY KEY (log, target, account, message_id)
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE receipts (
  log BLOB NOT NULL, message_id BLOB NOT NULL, account BLOB NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (log, message_id, account)
) STRICT, WITHOUT ROWID`,
  `CREATE VIRTUAL TABLE messages_text USING fts5(text, content='messages', content_rowid='id', tokenize='trigram', detail='full')`,
  `CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.text <> '' BEGIN
  INSERT INTO messages_text (rowid, text) VALUES (new.id, new.text);
END`,
  `CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.text <> '' BEGIN
  INSERT INTO messages_text (messages_text, rowid, text) VALUES ('delete', old.id, old.text);
END`,
  `CREATE TRIGGER messages_changed AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
  INSERT INTO messages_text (messages_text, rowid, text) SELECT 'delete', old.id, old.text WHERE old.text <> '';
  INSERT INTO messages_text (rowid, text) SELECT new.id, new.text WHERE new.text <> '';
END`,
  `INSERT INTO messages_text (messages_text, rank) VALUES ('secure-delete', 1)`,
];

/** Several devices of one person (spec/own-devices.md). */
const DEVICES = [
  `CREATE TABLE own_due (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, item BLOB NOT NULL, sent BLOB) STRICT`,
  `CREATE TABLE own_settings (key TEXT NOT NULL, subject BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key, subject)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE conversation_marks (log BLOB PRIMARY KEY, status TEXT, read_seq INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID`,
  `CREATE TABLE master_keys (generation INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT`,
];

const REPAIR = [
  `CREATE TABLE places (
  log BLOB PRIMARY KEY, group_id BLOB NOT NULL UNIQUE, anchor BLOB NOT NULL, base INTEGER NOT NULL DEFAULT 0,
  epoch_first INTEGER NOT NULL DEFAULT 1, last_entry BLOB, opened_epoch INTEGER NOT NULL DEFAULT -1, repair TEXT,
  repair_at INTEGER NOT NULL DEFAULT 0, repair_tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE anchors (
  anchor BLOB PRIMARY KEY, log BLOB NOT NULL, old BLOB NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  `CREATE TABLE sent (
  local_id BLOB PRIMARY KEY, log BLOB NOT NULL, entry_id BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, message_id BLOB NOT NULL,
  draft BLOB NOT NULL
) STRICT, WITHOUT ROWID`,
  `CREATE INDEX sent_by_entry ON sent (log, entry_id)`,
  `CREATE TABLE held (id INTEGER PRIMARY KEY AUTOINCREMENT, log BLOB NOT NULL, body BLOB NOT NULL) STRICT`,
  `ALTER TABLE outbox ADD COLUMN evidence BLOB`,
];

/** By MLS group, since logs change and are called differently on different devices. */
const MARKS = [
  `DROP TABLE conversation_marks`,
  `CREATE TABLE conversation_marks (
  group_id BLOB PRIMARY KEY, status TEXT, anchor BLOB, read_seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID`,
  `DELETE FROM own_due`,
];

/** Run in order, each once, each in one transaction with the new `user_version`. Never changed after a release: add another one. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  FIRST,
  DEVICES,
  TALK_TABLES,
  SEARCH_TABLES,
  REPAIR,
  ATTACHMENT_TABLES,
  MARKS,
  TALK_MORE,
  ARCHIVE_TABLES,
  [`DELETE FROM own_due`],
  [`ALTER TABLE places ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0`],
  [`CREATE TABLE inbox_taken (item_id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`],
  // With an edit: the message whose words it has, so that they go together.
  [`ALTER TABLE sent ADD COLUMN replaces BLOB`],
  EXPOSURE_TABLES,
  // The code of what went wrong, with a message in the state `failed`.
  [`ALTER TABLE messages ADD COLUMN failure TEXT`],
  [
    `CREATE TABLE undelivered (log BLOB NOT NULL, account BLOB NOT NULL, code TEXT NOT NULL, PRIMARY KEY (log, account)) STRICT, WITHOUT ROWID`,
  ],
  HISTORY_TABLES,
  EXPOSURE_REMINDERS,
  VAULT_TABLES,
  SEARCH_ORDER,
];
