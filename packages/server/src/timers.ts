/** What the server schedules by, apart from the clock of {@link Settings}: the runtime's timers, or those of a simulator. */

export type Timers = {
  /** In the next turn: all that came in during this one is taken together, and answers that were sent in it go first. */
  soon(call: () => void): void;
  /** The returned function cancels. Does not keep the process alive. */
  after(delayMs: number, call: () => void): () => void;
};

export const runtimeTimers: Timers = {
  soon: (call) => void setImmediate(call),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
