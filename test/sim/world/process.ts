/** One run of a program, from its start to its end or its death. What is dead does nothing more: its timers do not fire, its calls never return. */
import type { Clock, Store } from "@sotto/client";
import type { Scheduler } from "../scheduler.ts";

const EPOCH_MS = 1_800_000_000_000;

/** A clock on the wall of a machine, which its owner may set. */
export type WallClock = { offsetMs: number };

export class Process {
  isAlive = true;
  readonly #onDeath: (() => void)[] = [];

  onDeath(call: () => void): void {
    this.#onDeath.push(call);
  }

  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const call of this.#onDeath) call();
  }

  clock(scheduler: Scheduler, wall: WallClock): Clock {
    return {
      now: () => EPOCH_MS + Math.floor(scheduler.now) + wall.offsetMs,
      after: (delayMs, call) => scheduler.after(delayMs, () => this.isAlive && call()),
    };
  }

  /** `dies` is asked at each write: whether the process dies there, and whether the write takes effect before. */
  store(inner: Store, dies: () => "no" | "before" | "after"): Store {
    const never = new Promise<never>(() => undefined);
    return {
      all: async (sql, parameters) => {
        const rows = this.isAlive ? inner.all(sql, parameters) : never;
        return rows;
      },
      write: async (batch) => {
        if (!this.isAlive) return never;
        const fate = dies();
        if (fate !== "before") await inner.write(batch);
        if (fate === "no") return undefined;
        this.die();
        return never;
      },
      close: () => inner.close(),
    };
  }
}
