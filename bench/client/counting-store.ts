/** A store that counts what it is told to write: the bytes of parameters, so of the values of all rows. */
import type { Row, SqlValue, Statement, Store } from "@sotto/client";

const NUMBER_BYTES = 8;

function bytesOf(value: SqlValue): number {
  if (value === null) return 0;
  if (typeof value === "number") return NUMBER_BYTES;
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}

export class CountingStore implements Store {
  readonly #store: Store;
  bytes = 0;
  transactions = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  all(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#store.all(sql, parameters);
  }

  write(batch: readonly Statement[]): Promise<void> {
    this.transactions++;
    for (const { parameters } of batch) for (const value of parameters) this.bytes += bytesOf(value);
    return this.#store.write(batch);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
