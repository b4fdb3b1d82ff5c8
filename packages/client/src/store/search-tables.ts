/**
 * The search index (spec/client-store.md §Search): it follows later, many rows at a time. Two marks behind each text make its last characters the
 * beginning of trigrams.
 */
const HEX = (at: number): string => `instr('0123456789ABCDEF', substr(hex(log), ${at}, 1))`;
/** Three private characters (from U+E000) out of the first three bytes of the log's id. */
const PLACE = `char(${[1, 3, 5].map((at) => `57344 + 16 * ${HEX(at)} + ${HEX(at + 1)}`).join(", ")})`;
const INDEXED = "old.id <= (SELECT through FROM search_state)";
const TAKE_OUT =
  "INSERT INTO messages_text (messages_text, rowid, words, place) SELECT 'delete', old.id, old.words, old.place WHERE old.text <> ''";

export const SEARCH_TABLES: readonly string[] = [
  `DROP TRIGGER messages_added`,
  `DROP TRIGGER messages_removed`,
  `DROP TRIGGER messages_changed`,
  `DROP TABLE messages_text`,
  `ALTER TABLE messages ADD COLUMN words TEXT GENERATED ALWAYS AS (text || char(1, 1)) VIRTUAL`,
  `ALTER TABLE messages ADD COLUMN place TEXT GENERATED ALWAYS AS (${PLACE}) VIRTUAL`,
  `CREATE VIRTUAL TABLE messages_text USING fts5(
  words, place, content='messages', content_rowid='id', tokenize='trigram', detail='full', columnsize=0
)`,
  `CREATE VIRTUAL TABLE messages_terms USING fts5vocab('messages_text', 'row')`,
  `CREATE TABLE search_state (only INTEGER PRIMARY KEY CHECK (only = 1), through INTEGER NOT NULL) STRICT`,
  `INSERT INTO search_state VALUES (1, 0)`,
  `CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN ${INDEXED} BEGIN
  ${TAKE_OUT};
END`,
  `CREATE TRIGGER messages_changed AFTER UPDATE OF text ON messages WHEN old.text <> new.text AND ${INDEXED} BEGIN
  ${TAKE_OUT};
  INSERT INTO messages_text (rowid, words, place) SELECT new.id, new.words, new.place WHERE new.text <> '';
END`,
  `INSERT INTO messages_text (messages_text, rank) VALUES ('secure-delete', 1)`,
];
