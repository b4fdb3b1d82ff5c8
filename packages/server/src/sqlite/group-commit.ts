/**
 * Group commit: what is asked for in one turn of the event loop becomes one transaction, hence one fsync. Each piece of work has a savepoint, so
 * that a failing one leaves the others alone. Answers come after the commit, never before.
 */
import type { DatabaseSync } from "node:sqlite";
import { runtimeTimers, type Timers } from "../timers.ts";
import { storeError } from "./database.ts";

type Pending = {
  readonly run: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly onlyFrees: boolean;
};

export class GroupCommit {
  readonly #database: DatabaseSync;
  #queue: Pending[] = [];
  #scheduled = false;
  readonly #mayWrite: () => void;
  readonly #timers: Timers;

  /** `mayWrite` throws when nothing is to be added, such as on a full disk. */
  constructor(database: DatabaseSync, mayWrite: () => void = () => undefined, timers: Timers = runtimeTimers) {
    this.#database = database;
    this.#mayWrite = mayWrite;
    this.#timers = timers;
  }

  /** Runs `work` inside the next transaction; its value once that is durable. */
  run<T>(work: () => T): Promise<T> {
    return this.#enqueue(work, false);
  }

  /** The same for work that only deletes. It runs on a full disk too, which would stay full otherwise. */
  runFreeing<T>(work: () => T): Promise<T> {
    return this.#enqueue(work, true);
  }

  #enqueue<T>(work: () => T, onlyFrees: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let value: { readonly of: T } | undefined;
      this.#queue.push({
        run: () => {
          value = { of: work() };
        },
        resolve: () => {
          if (value !== undefined) resolve(value.of);
        },
        reject,
        onlyFrees,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#timers.soon(() => this.flush());
    });
  }

  flush(): void {
    this.#scheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    const batch = this.#allowed(queue);
    if (batch.length === 0) return;
    const done: Pending[] = [];
    const failed: { readonly pending: Pending; readonly error: unknown }[] = [];
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const pending of batch) {
        const error = this.#attempt(pending);
        if (error === undefined) done.push(pending);
        else failed.push({ pending, error });
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const pending of batch) pending.reject(storeError(error));
      return;
    }
    for (const pending of done) pending.resolve();
    for (const { pending, error } of failed) pending.reject(storeError(error));
  }

  /** What may run now; the rest is rejected. */
  #allowed(queue: readonly Pending[]): readonly Pending[] {
    if (queue.every(({ onlyFrees }) => onlyFrees)) return queue;
    try {
      this.#mayWrite();
      return queue;
    } catch (error) {
      for (const pending of queue) if (!pending.onlyFrees) pending.reject(storeError(error));
      return queue.filter(({ onlyFrees }) => onlyFrees);
    }
  }

  #attempt(pending: Pending): unknown {
    this.#database.exec("SAVEPOINT work");
    try {
      pending.run();
      this.#database.exec("RELEASE work");
      return undefined;
    } catch (error) {
      // A full disk can end the whole transaction; then there is nothing to go back to and the commit below fails for all.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO work; RELEASE work");
      return error ?? storeError(error);
    }
  }
}
