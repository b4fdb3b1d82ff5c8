/** All that one engine has put off until later. Calls that are still due when it is closed are not made: they would keep a process from ending. */
import type { Cancel, Clock } from "./ports.ts";

export class Timers implements Clock {
  readonly #clock: Clock;
  readonly #due = new Set<Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, call: () => void): Cancel {
    const stop = this.#clock.after(delayMs, () => {
      this.#due.delete(cancel);
      call();
    });
    const cancel = (): void => {
      this.#due.delete(cancel);
      stop();
    };
    this.#due.add(cancel);
    return cancel;
  }

  cancelAll(): void {
    for (const cancel of this.#due) cancel();
  }
}
