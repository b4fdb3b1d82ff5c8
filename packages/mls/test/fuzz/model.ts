/** What a group does according to a second, simpler reading of RFC 9420: who sits where (§7.7, §7.8), and which message keys are left (§9.2). */

/** Names by leaf; a hole is a blank leaf. */
export class SeatingPlan {
  #leaves: (string | undefined)[];

  constructor(names: readonly string[]) {
    this.#leaves = [];
    this.add(names);
  }

  get names(): string[] {
    return this.#leaves.flatMap((name) => (name === undefined ? [] : [name]));
  }

  at(leafIndex: number): string | undefined {
    return this.#leaves[leafIndex];
  }

  /** [leaf index, name] of everybody. */
  get entries(): [number, string][] {
    return this.#leaves.flatMap((name, index): [number, string][] => (name === undefined ? [] : [[index, name]]));
  }

  remove(leafIndices: readonly number[]): void {
    for (const index of leafIndices) this.#leaves[index] = undefined;
    if (leafIndices.length === 0) return;
    while (this.#leaves.length > 1 && this.#leaves.slice(this.#leaves.length / 2).every((name) => name === undefined)) {
      this.#leaves.length /= 2;
    }
  }

  add(names: readonly string[]): void {
    for (const name of names) {
      const free = this.#leaves.indexOf(undefined);
      if (free >= 0) {
        this.#leaves[free] = name;
      } else {
        const size = Math.max(1, this.#leaves.length);
        this.#leaves.push(name);
        while (this.#leaves.length < 2 * size && this.#leaves.length > 1) this.#leaves.push(undefined);
      }
    }
  }
}

export type Window = { readonly forwardGenerations: number; readonly skippedKeys: number };
export type Reception = "ok" | "replayed" | "generation_too_far" | "epoch_behind";

/** Which generations of one sender a receiver can still open. */
export class KeyLedger {
  #next = 0;
  #skipped: number[] = [];

  /** What opening this generation gives; counts it as used when it opens. */
  take(generation: number, window: Window): Reception {
    if (generation < this.#next) {
      if (!this.#skipped.includes(generation)) return "replayed";
      this.#skipped = this.#skipped.filter((kept) => kept !== generation);
      return "ok";
    }
    if (generation - this.#next > window.forwardGenerations) return "generation_too_far";
    const jumps = generation > this.#next;
    while (this.#next < generation) this.#skipped.push(this.#next++);
    this.#next++;
    if (jumps) this.#skipped = window.skippedKeys === 0 ? [] : this.#skipped.slice(-window.skippedKeys);
    return "ok";
  }
}
