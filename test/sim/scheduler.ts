/**
 * Virtual time. Everything that happens is an event at a time; events at the same time happen in the order in which they were asked for. After
 * each one, all promises that can settle have settled, since nothing in a run waits for the real world: that makes a run a function of its seed.
 */
export type Cancel = () => void;

type Event = { readonly at: number; readonly number: number; call: (() => void) | undefined };

/** Resolves when no promise has anything left to do: Node.js empties the queue of promises before it goes on with its own next ticks. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.number < b.number);

export class Scheduler {
  /** Milliseconds since the start of the run. */
  now = 0;
  steps = 0;
  readonly #heap: Event[] = [];
  #count = 0;

  after(delayMs: number, call: () => void): Cancel {
    const event: Event = { at: this.now + Math.max(0, delayMs), number: this.#count++, call };
    this.#push(event);
    return () => {
      event.call = undefined;
    };
  }

  /** The next event; false if there is none. */
  async step(): Promise<boolean> {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (event.call === undefined) continue;
      this.now = event.at;
      this.steps++;
      event.call();
      await drained();
      return true;
    }
  }

  /** All events of the next `ms` milliseconds. */
  async pass(ms: number): Promise<void> {
    const end = { isReached: false };
    this.after(ms, () => {
      end.isReached = true;
    });
    while (!end.isReached) await this.step();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isLeft = right === undefined || isBefore(left, right);
      const child = isLeft ? left : right;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = isLeft ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = last;
    return first;
  }
}
