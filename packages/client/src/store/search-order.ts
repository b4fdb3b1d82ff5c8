/**
 * Search in the order of time (spec/client-store.md §Search). Imported messages are older than their rows, so the index knows a message not by its row but by
 * its moment: seconds since 1970 and, below them, the row. From it the row follows without a look into the table.
 *
 *   moment   seconds u33 ‖ row u30; a time outside of 1970 to 2223 is the nearest one inside
 */
const ROW_BITS = 30;
const ROW_MASK = 2 ** ROW_BITS - 1;
const SECONDS_MAX = 8_000_000_000;
const MOMENT = `min(max(at / 1000, 0), ${SECONDS_MAX}) * ${2 ** ROW_BITS} + (id & ${ROW_MASK})`;
const INDEXED = "old.id <= (SELECT through FROM search_state)";
const TAKE_OUT =
  "INSERT INTO messages_text (messages_text, rowid, words, place) SELECT 'delete', old.moment, old.words, old.place WHERE old.text <> ''";

/** The row of the message whose moment this is. */
export const rowOfMoment = (moment: string): string => `(${moment} & ${ROW_MASK})`;

export const SEARCH_ORDER: readonly string[] = [
  `DROP TRIGGER messages_removed`,
  `DROP TRIGGER messages_changed`,
  `DROP TABLE messages_terms`,
  `DROP TABLE messages_text`,
  `ALTER TABLE messages ADD COLUMN moment INTEGER GENERATED ALWAYS AS (${MOMENT}) VIRTUAL`,
  `CREATE INDEX messages_by_moment ON messages (moment)`,
  `CREATE VIRTUAL TABLE messages_text USING fts5(
  words, place, content='messages', content_rowid='moment', tokenize='trigram', detail='full', columnsize=0
)`,
  `CREATE VIRTUAL TABLE messages_terms USING fts5vocab('messages_text', 'row')`,
  `UPDATE search_state SET through = 0`,
  `CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN ${INDEXED} BEGIN
  ${TAKE_OUT};
END`,
  `CREATE TRIGGER messages_changed AFTER UPDATE OF text, at ON messages
  WHEN (old.text <> new.text OR old.moment <> new.moment) AND ${INDEXED} BEGIN
  ${TAKE_OUT};
  INSERT INTO messages_text (rowid, words, place) SELECT new.moment, new.words, new.place WHERE new.text <> '';
END`,
  `INSERT INTO messages_text (messages_text, rank) VALUES ('secure-delete', 1)`,
];
