/**
 * Keeps the trigrams of messages behind the messages (spec/client-store.md §Search): rows are indexed many at a time, since one at a time costs
 * more than everything else about a message. A search first indexes what is left.
 */
import type { Statement, Store } from "../ports.ts";
import { numberIn, sql } from "./statements.ts";

const CHUNK_ROWS = 256;

/** One chunk. A transaction that says itself where it begins, so that two at once do no harm. */
const CHUNK: readonly Statement[] = [
  sql(
    `INSERT INTO messages_text (rowid, words, place) SELECT m.moment, m.words, m.place FROM search_state s, messages m
      WHERE m.id > s.through AND m.id <= s.through + ? AND m.text <> '' ORDER BY m.moment`,
    CHUNK_ROWS,
  ),
  sql("UPDATE search_state SET through = max(through, min(through + ?, (SELECT coalesce(max(id), 0) FROM messages)))", CHUNK_ROWS),
];

export class SearchIndex {
  readonly #store: Store;
  readonly #run: (task: Promise<unknown>) => void;
  #waiting = 0;

  constructor(store: Store, runInBackground: (task: Promise<unknown>) => void) {
    this.#store = store;
    this.#run = runInBackground;
  }

  /** Rows were stored. */
  added(rows: number): void {
    this.#waiting += rows;
    if (this.#waiting < CHUNK_ROWS) return;
    this.#waiting = 0;
    this.#run(this.#store.write(CHUNK));
  }

  /** Indexes everything that is stored by now. */
  async complete(): Promise<void> {
    for (;;) {
      const [row] = await this.#store.all("SELECT coalesce((SELECT max(id) FROM messages), 0) - through AS waiting FROM search_state");
      if (row === undefined || numberIn(row, "waiting") <= 0) return;
      await this.#store.write(CHUNK);
    }
  }
}
