/**
 * Free places in the timeline for what is handed on: the wanted one, or the next lower one. Nothing may stand where an entry of the log is still to
 * come, and nothing is wanted before the gap that it belongs into.
 */
import type { LogId } from "@sotto/protocol";
import type { Store } from "../ports.ts";
import { optionalNumber } from "../store/statements.ts";

const SEARCHED_MAX = 10_000;

/** The highest place up to one that no row has. */
const FREE = `SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM messages WHERE log = ? AND seq = ?) THEN ? ELSE (
  SELECT m.seq - 1 FROM messages m WHERE m.log = ? AND m.seq <= ? AND m.seq > ?
    AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.log = m.log AND n.seq = m.seq - 1) ORDER BY m.seq DESC LIMIT 1) END AS free`;

export class Slots {
  readonly #store: Store;
  readonly #log: LogId;
  readonly #first: number;
  readonly #end: number;
  /** From a place that is taken to one below it that may be free. */
  readonly #below = new Map<number, number>();

  /** From `first` up to but without `end`. */
  constructor(store: Store, log: LogId, { first, end }: { readonly first: number; readonly end: number }) {
    this.#store = store;
    this.#log = log;
    this.#first = first;
    this.#end = end;
  }

  within(wanted: number): number {
    return Math.min(Math.max(wanted, this.#first), this.#end - 1);
  }

  /** Undefined if there is none near. If all from `first` on are taken, one before it. */
  async take(wanted: number): Promise<number | undefined> {
    const start = this.within(wanted);
    for (let seq = this.#candidate(start); seq > Math.max(0, start - SEARCHED_MAX); seq = this.#candidate(start)) {
      const parameters = [this.#log, seq, seq, this.#log, seq, seq - SEARCHED_MAX];
      const [row] = await this.#store.all(FREE, parameters);
      const free = row && optionalNumber(row, "free");
      if (free === undefined || free < 1) return undefined;
      if (free < seq) this.#below.set(seq, free);
      if (this.#below.has(free)) continue;
      this.#below.set(free, free - 1);
      return free;
    }
    return undefined;
  }

  #candidate(start: number): number {
    const passed: number[] = [];
    let seq = start;
    for (let next = this.#below.get(seq); next !== undefined; next = this.#below.get(seq)) {
      passed.push(seq);
      seq = next;
    }
    for (const at of passed) this.#below.set(at, seq);
    return seq;
  }
}
