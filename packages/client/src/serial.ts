/** Runs tasks with the same key one after the other: a conversation's state is read, changed and stored by one task at a time. */
export class Serial {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Shared>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const current = before.then(task, task);
    this.#tails.set(key, current);
    try {
      return await current;
    } finally {
      if (this.#tails.get(key) === current) this.#tails.delete(key);
    }
  }

  /**
   * As `run`, for one item of many that a task takes at once: those that came before its turn, up to {@link SHARED_MAX}. The task gives an error
   * or undefined for each item. All calls with one key have the same task, but for what it closes over.
   */
  async runTogether<T>(key: string, item: T, task: (items: readonly T[]) => Promise<readonly (Error | undefined)[]>): Promise<void> {
    const open = this.#waiting.get(key);
    const shared: Shared = open !== undefined && open.items.length < SHARED_MAX ? open : { items: [], done: Promise.resolve([]) };
    const at = shared.items.push(item) - 1;
    if (shared !== open) {
      this.#waiting.set(key, shared);
      shared.done = this.run(key, () => {
        if (this.#waiting.get(key) === shared) this.#waiting.delete(key);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all calls with one key have items of one type
        return task(shared.items as readonly T[]);
      });
    }
    const error = (await shared.done)[at];
    if (error !== undefined) throw error;
  }

  get isIdle(): boolean {
    return this.#tails.size === 0;
  }
}

type Shared = { readonly items: unknown[]; done: Promise<readonly (Error | undefined)[]> };

const SHARED_MAX = 64;
