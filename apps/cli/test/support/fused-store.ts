/**
 * A store that dies at a chosen write, before or after it took effect, as a process does: from then on nothing is read or written. Or it refuses
 * some writes, as a full disk does, and goes on.
 */
import type { Row, SqlValue, Statement, Store } from "@sotto/client";

export class FusedStore implements Store {
  readonly #store: Store;
  #writesLeft: number;
  isBlown = false;
  /** Whether a write fails, without an effect. */
  refuses: (batch: readonly Statement[]) => boolean = () => false;

  constructor(store: Store, writesLeft: number) {
    this.#store = store;
    this.#writesLeft = writesLeft;
  }

  blow(): void {
    this.isBlown = true;
  }

  #check(): void {
    if (this.isBlown) throw new Error("killed");
  }

  async all(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    this.#check();
    return this.#store.all(sql, parameters);
  }

  async write(batch: readonly Statement[]): Promise<void> {
    this.#check();
    if (this.refuses(batch)) throw new Error("refused");
    this.#writesLeft -= 1;
    if (this.#writesLeft > 0) return this.#store.write(batch);
    this.isBlown = true;
    if (this.#writesLeft % 2 === 0 && batch.length % 2 === 0) await this.#store.write(batch);
    throw new Error("killed");
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}
